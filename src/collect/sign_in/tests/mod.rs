//! Signing in against a sign-in service of our own, on this machine.
