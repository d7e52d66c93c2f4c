//! A simulated fabric with OpenSM on it.

use peers::{Diags, Ibsim, MESH_3X2, OpenSm, RunDir};

/// A fabric that OpenSM has routed with LASH. Dropping it ends all of it.
#[derive(Debug)]
pub(crate) struct Fabric {
    // In this order: the manager goes before its fabric, and both before their folder.
    pub(crate) opensm: OpenSm,
    pub(crate) ibsim: Ibsim,
    pub(crate) dir: RunDir,
}

impl Fabric {
    /// The 3 × 2 mesh with OpenSM on H7.
    pub(crate) async fn mesh() -> Self {
        Self::start(MESH_3X2, "H7").await
    }

    pub(crate) async fn start(topology: &str, manager: &str) -> Self {
        let dir = RunDir::new().unwrap();
        let ibsim = Ibsim::start(topology, &dir).await.unwrap();
        let mut opensm = OpenSm::start(&ibsim, manager, "lash", &dir).unwrap();
        opensm.wait_until_settled(1).await.unwrap();
        Self { opensm, ibsim, dir }
    }

    /// The port of a node, for a program.
    pub(crate) fn url(&self, node: &str) -> String {
        url(&self.ibsim, node)
    }

    /// The diags, on a host where nobody of ours listens.
    pub(crate) fn diags(&self) -> Diags<'_> {
        Diags::new(&self.ibsim, self.opensm.host())
    }

    /// Cut a link, and wait until OpenSM has nothing more to do about it.
    pub(crate) async fn cut(&mut self, node: &str, port: u8) {
        let before = self.opensm.subnet_ups();
        self.ibsim.unlink(node, port).await.unwrap();
        self.opensm.wait_until_settled(before + 1).await.unwrap();
    }
}

pub(crate) fn url(ibsim: &Ibsim, node: &str) -> String {
    format!("ibsim:{node}?sock={}", ibsim.socket_name())
}
