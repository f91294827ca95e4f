//! A runner that knows what ours need of one: steps in order, their conditions, environment, outputs, PATH and
//! summary, and the commands of their logs. Programs that need a network are fakes. `uses:` is recorded, not run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::expression::{Scope, Values};

/// A step that uses another action, as it would have been called.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) action: String,
    pub(crate) with: BTreeMap<String, String>,
}

/// What is left of a run.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// Exit code of the step that failed last; 0 if none did.
    pub(crate) code: i32,
    /// Everything that was printed.
    pub(crate) log: String,
    /// Commands that a runner would have obeyed.
    pub(crate) commands: Vec<String>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    pub(crate) uses: Vec<Use>,
    /// Names of the steps that ran.
    pub(crate) steps: Vec<String>,
}

/// Surroundings of a job.
pub(crate) struct Machine {
    /// Where everything of this job lies.
    pub(crate) home: tempfile::TempDir,
    /// The folder that was checked out.
    pub(crate) workspace: PathBuf,
    /// Variables that the runner sets.
    pub(crate) variables: BTreeMap<String, String>,
    /// Contexts beside inputs and steps.
    pub(crate) contexts: Values,
    /// Actions (a part of their name) that fail.
    pub(crate) failing: Vec<&'static str>,
    path: String,
}

impl Machine {
    /// One with nothing on it but the system and what lies in its folder of fakes.
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["temp", "fakes", "workspace", "files"] {
            std::fs::create_dir(home.path().join(folder)).unwrap();
        }
        let at = |name: &str| home.path().join(name).display().to_string();
        let variables = BTreeMap::from([
            ("HOME".to_owned(), at("")),
            ("LC_ALL".to_owned(), "C.UTF-8".to_owned()),
            ("GITHUB_ACTIONS".to_owned(), "true".to_owned()),
            ("GITHUB_WORKSPACE".to_owned(), at("workspace")),
            ("GITHUB_REPOSITORY".to_owned(), "contoso/audit".to_owned()),
            ("GITHUB_SERVER_URL".to_owned(), "https://github.com".to_owned()),
            ("RUNNER_TEMP".to_owned(), at("temp")),
            ("RUNNER_OS".to_owned(), "Linux".to_owned()),
            ("RUNNER_ARCH".to_owned(), "X64".to_owned()),
            ("FAKES".to_owned(), at("fakes")),
            // What git needs to be the same everywhere.
            ("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned()),
            ("GIT_CONFIG_GLOBAL".to_owned(), "/dev/null".to_owned()),
        ]);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", at("fakes"));
        let workspace = home.path().join("workspace");
        Self { workspace, variables, contexts: Values::new(), failing: Vec::new(), path, home }
    }

    /// Sets a variable of the runner.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// The event that the job is about.
    pub(crate) fn event(&mut self, name: &str, payload: &Value) {
        let path = self.home.path().join("files/event.json");
        std::fs::write(&path, payload.to_string()).unwrap();
        self.set("GITHUB_EVENT_NAME", name);
        self.set("GITHUB_EVENT_PATH", path.display().to_string());
    }

    /// A program that is not the real one.
    pub(crate) fn fake(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.home.path().join("fakes").join(name);
        std::fs::write(&path, format!("#!/bin/bash\n{script}")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What a fake wrote down; nothing if it was not asked.
    pub(crate) fn noted(&self, name: &str) -> String {
        std::fs::read_to_string(self.home.path().join("fakes").join(name)).unwrap_or_default()
    }

    /// Runs a composite action with these inputs.
    pub(crate) fn action(&mut self, file: &Path, inputs: &[(&str, &str)]) -> Ran {
        let action = yaml(&std::fs::read_to_string(file).unwrap());
        let mut values = self.contexts.clone();
        let known = action["inputs"].as_object().unwrap();
        for (name, input) in known {
            let default = input["default"].as_str().unwrap_or_default();
            let default = Scope { values: &values, failed: false }.text(default);
            values.insert(format!("inputs.{name}"), default);
        }
        for (name, value) in inputs {
            assert!(known.contains_key(*name), "there is no input {name}");
            values.insert(format!("inputs.{name}"), (*value).to_owned());
        }
        self.set("GITHUB_ACTION_PATH", file.parent().unwrap().display().to_string());
        let mut ran = Ran::default();
        let failed = self.steps(action["runs"]["steps"].as_array().unwrap(), &mut values, &mut ran);
        let scope = Scope { values: &values, failed };
        for (name, output) in action["outputs"].as_object().unwrap() {
            ran.outputs.insert(name.clone(), scope.text(output["value"].as_str().unwrap()));
        }
        ran
    }

    /// Runs steps; says whether one failed.
    pub(crate) fn steps(&mut self, steps: &[Value], values: &mut Values, ran: &mut Ran) -> bool {
        let mut failed = false;
        for (nth, step) in steps.iter().enumerate() {
            let scope = Scope { values, failed };
            if !scope.condition(step["if"].as_str()) {
                continue;
            }
            let name = scope.text(step["name"].as_str().or(step["uses"].as_str()).unwrap());
            ran.steps.push(name);
            let (code, outputs) = match step["uses"].as_str() {
                Some(action) => (self.uses(action, step, &scope, ran), BTreeMap::new()),
                None => self.run(nth, step, &scope, ran),
            };
            if let Some(id) = step["id"].as_str() {
                let outcome = if code == 0 { "success" } else { "failure" };
                values.insert(format!("steps.{id}.outcome"), outcome.to_owned());
                for (name, value) in outputs {
                    values.insert(format!("steps.{id}.outputs.{name}"), value);
                }
            }
            if code != 0 && step["continue-on-error"].as_bool() != Some(true) {
                failed = true;
                ran.code = code;
            }
        }
        failed
    }

    fn uses(&self, action: &str, step: &Value, scope: &Scope<'_>, ran: &mut Ran) -> i32 {
        let with = step["with"].as_object().into_iter().flatten();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| scope.text(text));
        let with = with.map(|(name, value)| (name.clone(), text(value))).collect();
        ran.uses.push(Use { action: action.to_owned(), with });
        i32::from(self.failing.iter().any(|failing| action.contains(failing)))
    }

    fn run(
        &mut self,
        nth: usize,
        step: &Value,
        scope: &Scope<'_>,
        ran: &mut Ran,
    ) -> (i32, BTreeMap<String, String>) {
        let script = step["run"].as_str().expect("a step runs or uses something");
        assert!(!script.contains("${{"), "an expression in a script: {script}");
        assert!(step["shell"].as_str().is_none_or(|shell| shell == "bash"), "{step}");
        let files = self.home.path().join("files");
        let file = |name: &str| files.join(format!("{nth}-{name}"));
        for name in ["output", "summary", "path"] {
            std::fs::write(file(name), "").unwrap();
        }
        std::fs::write(file("script.sh"), script).unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(file("script.sh"));
        command.current_dir(&self.workspace).env_clear().env("PATH", &self.path).envs(&self.variables);
        command.env("GITHUB_OUTPUT", file("output")).env("GITHUB_STEP_SUMMARY", file("summary"));
        command.env("GITHUB_PATH", file("path"));
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, scope.text(value.as_str().unwrap()));
        }
        let done = command.output().unwrap();
        let code = done.status.code().unwrap_or(-1);
        let out = String::from_utf8(done.stdout).unwrap();
        let err = String::from_utf8(done.stderr).unwrap();
        ran.commands.extend(obeyed(&out));
        ran.commands.extend(obeyed(&err));
        ran.log += &out;
        ran.log += &err;
        ran.summary += &std::fs::read_to_string(file("summary")).unwrap();
        for folder in std::fs::read_to_string(file("path")).unwrap().lines() {
            self.path = format!("{folder}:{}", self.path);
        }
        (code, outputs(&std::fs::read_to_string(file("output")).unwrap()))
    }
}

/// A YAML file as values.
pub(crate) fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// Outputs as a runner reads them: `name=value`, or several lines between a word.
fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match (line.find('='), line.find("<<")) {
            (equals, Some(at)) if equals.is_none_or(|equals| at < equals) => {
                let word = &line[at + 2..];
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != word).collect();
                outputs.insert(line[..at].to_owned(), value.join("\n"));
            }
            (Some(equals), _) => {
                outputs.insert(line[..equals].to_owned(), line[equals + 1..].to_owned());
            }
            (None, _) => panic!("no output: {line}"),
        }
    }
    outputs
}

/// Commands of a log that a runner would obey: `::name …::` at the start of a line, `##[name]` anywhere, and
/// none while it was told to stop.
fn obeyed(log: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    for line in log.split(['\n', '\r']) {
        let command = line.trim_start().strip_prefix("::").filter(|rest| rest.contains("::"));
        match (&stopped, command) {
            (Some(word), Some(rest)) if rest == format!("{word}::") => stopped = None,
            (Some(_), _) => {}
            (None, Some(rest)) => match rest.strip_prefix("stop-commands::") {
                Some(word) => stopped = Some(word.to_owned()),
                None => found.push(line.to_owned()),
            },
            (None, None) if line.contains("##[") => found.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(stopped.is_none(), "the log was never opened again");
    found
}

#[test]
fn commands_are_found_where_a_runner_finds_them() {
    let log = "::notice::a\n x::error::no\n  ::error::b\nx ##[add-mask]c\n::stop-commands::w\n::error::no\n##[error]no\n::w::\n::debug::d";
    assert_eq!(obeyed(log), ["::notice::a", "  ::error::b", "x ##[add-mask]c", "::debug::d"]);
    assert_eq!(outputs("a=1\nb<<X\nc=2\nd\nX\n")["b"], "c=2\nd");
}
