//! The pipeline for Azure DevOps.

use std::path::Path;

use serde_json::{Value, json};

use super::expression::Values;
use super::runner::{Machine, Ran, yaml};
use super::{REPOSITORY, branch, diff, git, lately, machine, taken, written};

/// az knows what the pipeline asks it.
const AZ: &str = r#"
printf '%s\n' "$*" >> "$FAKES/az.log"
case "$1 $2 $3" in
  "repos pr list") cat "$FAKES/open" 2>/dev/null || true ;;
  "repos pr create" | "repos pr update") ;;
  *) echo "az does not know: $*" >&2; exit 1 ;;
esac
"#;

fn pipeline() -> Value {
    yaml(&written("--azure-devops", "azure-pipelines-levelmark.yml"))
}

/// A step with its script where the runner of these tests looks for it.
fn step(name: &str) -> Value {
    let pipeline = pipeline();
    let steps = pipeline["jobs"][0]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["displayName"] == name).unwrap();
    let script = step["bash"].as_str().or(step["inputs"]["inlineScript"].as_str()).unwrap();
    // `$(Name)` is filled in by Azure before a shell sees it: none may be left to it.
    assert!(
        !script.contains("$(System.") && !script.contains("$(Build.") && !script.contains("$(Agent."),
        "{script}"
    );
    json!({ "name": name, "run": script, "shell": "bash" })
}

fn agent(prepare: impl Fn(&Path)) -> Machine {
    let mut machine = machine(prepare);
    machine.fake("az", AZ);
    let temp = machine.home.path().join("temp").display().to_string();
    for (name, value) in [
        ("AGENT_TEMPDIRECTORY", temp.as_str()),
        ("BUILD_REASON", "Schedule"),
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/contoso/"),
        ("SYSTEM_TEAMPROJECT", "Audit"),
        ("BUILD_REPOSITORY_NAME", "audit"),
        ("AZURE_DEVOPS_EXT_PAT", "token"),
        ("LEVELMARK_SHA256", ""),
    ] {
        machine.set(name, value);
    }
    std::fs::create_dir(machine.home.path().join("temp/reports")).unwrap();
    machine
}

fn run(machine: &mut Machine, name: &str) -> Ran {
    let mut ran = Ran::default();
    machine.steps(&[step(name)], &mut Values::new(), &mut ran);
    ran
}

fn report(machine: &Machine) -> Value {
    let path = machine.home.path().join("temp/reports/result.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn it_is_careful() {
    let text = written("--azure-devops", "azure-pipelines-levelmark.yml");
    let pipeline = yaml(&text);
    assert_eq!(pipeline["variables"]["TENANT"], "tenants/contoso");
    assert_eq!(
        (&pipeline["variables"]["LEVELMARK_FROM"], &pipeline["variables"]["LEVELMARK_VERSION"]),
        (&json!(REPOSITORY), &json!(env!("CARGO_PKG_VERSION")))
    );
    let steps = pipeline["jobs"][0]["steps"].as_array().unwrap();
    assert_eq!((&steps[0]["checkout"], &steps[0]["persistCredentials"]), (&json!("self"), &json!("false")));
    let kept: Vec<&str> = steps.iter().filter_map(|step| step["publish"].as_str()).collect();
    assert_eq!(kept, ["$(Agent.TempDirectory)/reports"], "and no snapshot");
    let collect = steps.iter().find(|step| step["displayName"] == "Collect").unwrap();
    let condition = collect["condition"].as_str().unwrap();
    assert!(
        condition.contains("refs/heads/main") && condition.contains("'Schedule', 'Manual'"),
        "{condition}"
    );
}

#[test]
fn the_program_is_the_release_s_or_none() {
    let curl = r#"
for argument in "$@"; do [ "${previous:-}" != --output ] || output="$argument"; previous="$argument"; done
cp "$FAKES/release/$output" "$output"
"#;
    let stem = format!("levelmark-v{}-x86_64-unknown-linux-musl", env!("CARGO_PKG_VERSION"));
    let mut machine = agent(|_| ());
    machine.fake("curl", curl);
    machine.set("LEVELMARK_FROM", REPOSITORY);
    machine.set("LEVELMARK_VERSION", env!("CARGO_PKG_VERSION"));
    let release = machine.home.path().join("fakes/release");
    std::fs::create_dir_all(release.join(&stem)).unwrap();
    std::fs::write(release.join(&stem).join("levelmark"), "x").unwrap();
    let make = format!(
        "tar -czf {stem}.tar.gz {stem} && sha256sum {stem}.tar.gz > SHA256SUMS && echo '00  other' >> SHA256SUMS"
    );
    assert!(
        std::process::Command::new("bash")
            .args(["-ec", &make])
            .current_dir(&release)
            .status()
            .unwrap()
            .success()
    );
    let ran = run(&mut machine, "Install levelmark");
    // A line that no tool would write is refused.
    assert_ne!(ran.code, 0, "{}", ran.log);
    assert!(
        std::process::Command::new("bash")
            .args(["-ec", &make[..make.rfind(" && ").unwrap()]])
            .current_dir(&release)
            .status()
            .unwrap()
            .success()
    );
    let ran = run(&mut machine, "Install levelmark");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(
        ran.log.contains(&format!(
            "##vso[task.prependpath]{}/{stem}",
            machine.home.path().join("temp").display()
        )),
        "{}",
        ran.log
    );
    machine.set("LEVELMARK_SHA256", "0".repeat(64));
    assert_ne!(run(&mut machine, "Install levelmark").code, 0, "another digest than the one that was pinned");
    machine.set("LEVELMARK_SHA256", "");
    std::fs::write(release.join(format!("{stem}.tar.gz")), "y").unwrap();
    assert_ne!(run(&mut machine, "Install levelmark").code, 0);
}

#[test]
fn the_first_run_is_green() {
    let mut machine = agent(|_| ());
    let ran = run(&mut machine, "Check");
    assert_eq!(ran.code, 0, "no result to compare with: {}", ran.log);
    assert_eq!(report(&machine)["gate"]["failOn"], json!(["never"]));
    std::fs::remove_dir_all(machine.workspace.join("contoso/snapshot")).unwrap();
    let ran = run(&mut machine, "Check");
    assert!(ran.code == 0 && ran.log.contains("There is no snapshot in contoso yet"), "{}", ran.log);
}

#[test]
fn a_pull_request_is_judged_by_its_target() {
    let mut machine = agent(|folder| {
        let path = folder.join("contoso/levelmark.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replacen("  infrastructure: 200\n", "  infrastructure: 300\n", 1)).unwrap();
    });
    let workspace = machine.workspace.clone();
    git(&workspace, &["switch", "--quiet", "--create", "proposal"]);
    std::fs::write(workspace.join("contoso/levelmark.yaml"), "targets: { infrastructure: 100 }\n").unwrap();
    git(&workspace, &["commit", "--quiet", "--all", "--message", "lower"]);
    git(&workspace, &["switch", "--quiet", "--detach", "HEAD~1"]);
    git(&workspace, &["merge", "--quiet", "--no-ff", "--message", "merge", "proposal"]);
    machine.set("BUILD_REASON", "PullRequest");
    run(&mut machine, "Check");
    let target = |report: &Value| report["competencies"][0]["verdict"]["level"]["target"].clone();
    assert_eq!(target(&report(&machine)), 300);
    machine.set("BUILD_REASON", "IndividualCI");
    run(&mut machine, "Check");
    assert_eq!(target(&report(&machine)), 100, "on the branch itself it would be its own");
}

#[test]
fn a_regression_fails_and_no_tenant_commands_the_agent() {
    let mut machine = agent(|_| ());
    run(&mut machine, "Check");
    let results = machine.workspace.join("contoso/results");
    std::fs::create_dir(&results).unwrap();
    let mut better = report(&machine);
    for finding in better["findings"].as_array_mut().unwrap() {
        finding["outcome"] = "pass".into();
    }
    std::fs::write(results.join("2026-11-02.json"), better.to_string()).unwrap();
    let path = machine.workspace.join("contoso/snapshot/manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace("\"Contoso\"", "\"##vso[task.setvariable variable=COLLECTED]true\""))
        .unwrap();
    let ran = run(&mut machine, "Check");
    assert_eq!(ran.code, 1, "{}", ran.log);
    assert!(!ran.log.contains("##") && ran.log.contains("# #vso["), "{}", ran.log);
}

#[test]
fn drift_opens_one_pull_request_and_keeps_it_up_to_date() {
    let propose = "Propose what was collected";
    let collected = |prepare: &dyn Fn(&Path)| {
        let machine = agent(prepare);
        std::fs::write(machine.home.path().join("temp/reports/result.json"), "{}").unwrap();
        std::fs::create_dir_all(machine.workspace.join("contoso/snapshot")).unwrap();
        std::fs::write(machine.workspace.join("contoso/snapshot/users.accounts.json"), "[]").unwrap();
        diff(&machine, "## Drift\n- a policy was added\n", 5);
        machine
    };
    let mut machine = collected(&|folder| taken(folder, &lately()));
    let ran = run(&mut machine, propose);
    assert_eq!(ran.code, 0, "{}", ran.log);
    let asked = machine.noted("az.log");
    assert!(asked.contains("repos pr create --organization https://dev.azure.com/contoso/ --detect false --project Audit --repository audit"), "{asked}");
    assert!(asked.contains("- a policy was added") && asked.contains("--target-branch main"), "{asked}");
    assert!(branch(&machine, "levelmark/snapshot").iter().any(|file| file.starts_with("contoso/results/")));

    let mut machine = collected(&|folder| taken(folder, &lately()));
    std::fs::write(machine.home.path().join("fakes/open"), "7\n").unwrap();
    assert_eq!(run(&mut machine, propose).code, 0);
    assert!(machine.noted("az.log").contains(
        "repos pr update --organization https://dev.azure.com/contoso/ --detect false --id 7 --description"
    ));

    let mut machine = collected(&|folder| taken(folder, &lately()));
    std::fs::write(machine.home.path().join("fakes/open"), "7\n").unwrap();
    diff(&machine, "No drift.\n", 0);
    assert_eq!(run(&mut machine, propose).code, 0);
    assert!(machine.noted("az.log").contains("--id 7 --status abandoned"));
    assert!(branch(&machine, "levelmark/snapshot").is_empty());

    let mut machine = collected(&|folder| std::fs::remove_dir_all(folder.join("contoso/snapshot")).unwrap());
    assert_eq!(run(&mut machine, propose).code, 0);
    assert!(machine.noted("az.log").contains("This is the first snapshot."));

    let mut machine = collected(&|folder| taken(folder, &lately()));
    diff(&machine, "- no longer readable\n", 3);
    assert_eq!(run(&mut machine, propose).code, 0);
    let asked = machine.noted("az.log");
    assert!(
        asked.contains("Not all of it could be compared") && asked.contains("no longer readable"),
        "{asked}"
    );

    let mut machine = collected(&|folder| taken(folder, &lately()));
    diff(&machine, "", 70);
    assert_eq!(run(&mut machine, propose).code, 70);
    assert!(branch(&machine, "levelmark/snapshot").is_empty());
}
