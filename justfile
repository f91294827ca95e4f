# What CI runs.
ready:
    .ci/run

# Quick feedback while working.
test *args:
    cargo test {{args}}

# A new policy with an example to fill in, e.g. `just new-policy infrastructure 300 INF-300-P1`.
new-policy competency level id:
    @test ! -e policies/{{competency}}/{{level}}/{{id}}.yaml || { echo "policies/{{competency}}/{{level}}/{{id}}.yaml is there already" >&2; exit 1; }
    mkdir -p policies/{{competency}}/{{level}}
    sed 's/INF-000-X1/{{id}}/; s/^competency: .*/competency: {{competency}}/; s/^level: .*/level: {{level}}/' docs/policy-template.yaml > policies/{{competency}}/{{level}}/{{id}}.yaml
    @echo "wrote policies/{{competency}}/{{level}}/{{id}}.yaml; then: cargo run -- policy test --policy {{id}}"

# Generated files.
generate:
    cargo run --quiet -- schema policy > docs/policy.schema.json
    cargo run --quiet -- schema report > docs/report.schema.json
    cargo run --quiet -- policy coverage --systems > docs/systems.md
    cargo run --quiet -- sections --format markdown > docs/sections.md

# The documentation as a site in target/book, with a page for each policy and section.
docs:
    cargo run --quiet -- docs target/book-src --book docs
    mdbook build docs

# Review changed texts.
review:
    cargo insta review

# Compare with peers, see benches/README.md.
bench size="50":
    cargo build --release
    cargo run --release --manifest-path benches/Cargo.toml -- run --size {{size}}
