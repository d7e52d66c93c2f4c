//! A fabric that our manager has brought up, and what the manager knows of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use peers::{Diags, Ibsim, MESH_3X2, RunDir};
use serde_json::Value;

use super::{Program, url};

/// Where the manager runs, and where the tools do.
pub(crate) const MANAGER: &str = "H7";
pub(crate) const TOOLS: &str = "H1";

/// A fabric that our manager has brought up.
pub(crate) struct Managed {
    // In this order: the manager goes before its fabric, and both before their folder.
    pub(crate) manager: Program,
    pub(crate) ibsim: Ibsim,
    pub(crate) dir: RunDir,
}

impl Managed {
    pub(crate) async fn mesh(arguments: &[&str]) -> Self {
        let dir = RunDir::new().unwrap();
        let ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
        let manager = start(&ibsim, MANAGER, arguments, &dir);
        let mut managed = Self { manager, ibsim, dir };
        managed.manager.event("subnet_up").await;
        managed
    }

    pub(crate) fn diags(&self) -> Diags<'_> {
        Diags::new(&self.ibsim, TOOLS)
    }

    pub(crate) async fn ask(&self, tool: &'static str, arguments: &[&str]) -> String {
        self.diags().run(tool, arguments).await.unwrap()
    }

    pub(crate) fn view(&self) -> View {
        View::read(&self.dir, MANAGER)
    }
}

pub(crate) fn start(ibsim: &Ibsim, host: &str, arguments: &[&str], dir: &RunDir) -> Program {
    let dump = dir.file(&format!("{host}.json"));
    let dump = ["--dump", dump.to_str().unwrap()];
    Program::start("subnet-manager", &url(ibsim, host), &[&dump[..], arguments].concat(), dir)
}

/// What the manager knows.
pub(crate) struct View(pub(crate) Value);

impl View {
    pub(crate) fn read(dir: &RunDir, host: &str) -> Self {
        // The file is written before the event is printed.
        Self(serde_json::from_str(&fs::read_to_string(dir.file(&format!("{host}.json"))).unwrap()).unwrap())
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Value> {
        self.0["nodes"].as_array().unwrap().iter()
    }

    pub(crate) fn switches(&self) -> impl Iterator<Item = &Value> {
        self.nodes().filter(|node| node["is_switch"] == true)
    }

    /// The LID of each host by its name.
    pub(crate) fn host_lids(&self) -> BTreeMap<String, u16> {
        let hosts = self.nodes().filter(|node| node["is_switch"] == false);
        hosts.map(|host| (text(&host["name"]), lid(host))).collect()
    }

    /// Links, each from both ends: names and port numbers.
    pub(crate) fn links(&self) -> BTreeSet<[(String, u64); 2]> {
        let ends = self.nodes().flat_map(|node| {
            let ports = node["ports"].as_array().unwrap().iter().filter(|port| !port["neighbor"].is_null());
            ports.map(|port| {
                let far = &port["neighbor"];
                let near = (text(&node["name"]), port["number"].as_u64().unwrap());
                [near, (text(&far["name"]), far["port"].as_u64().unwrap())]
            })
        });
        ends.collect()
    }

    /// How many switches a packet passes from a host to a LID, by the tables of the manager.
    pub(crate) fn switches_on_path(&self, host: &str, to: u16) -> usize {
        let named = |name: &str| self.nodes().find(|node| node["name"] == name).unwrap();
        let mut at = text(&named(host)["ports"][0]["neighbor"]["name"]);
        for passed in 1..=6 {
            let switch = named(&at);
            let entries = switch["forwarding"].as_array().unwrap();
            let out = entries.iter().find(|entry| entry[0] == to).map(|entry| entry[1].clone()).unwrap();
            let ports = switch["ports"].as_array().unwrap();
            let far = &ports.iter().find(|port| port["number"] == out).unwrap()["neighbor"];
            let far = named(far["name"].as_str().unwrap());
            if far["is_switch"] == false {
                assert_eq!(lid(far), to);
                return passed;
            }
            at = text(&far["name"]);
        }
        panic!("round in circles from {host} to {to}");
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn lid(node: &Value) -> u16 {
    node["ports"][0]["lid"].as_u64().unwrap() as u16
}
