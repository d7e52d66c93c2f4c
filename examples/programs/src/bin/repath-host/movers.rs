//! Real queue pairs, each moved in a thread of its own: what one waits for holds up neither the others nor the agent.

use core::time::Duration;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Instant;

use ib_mad::{Qpn, TimeoutValue};
use programs::ProgramError;
use programs::live::{LiveQueuePair, Role, Words};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use transport::verbs::{ConnectionConfig, Exchange, Port, VerbsError, VerbsName};

use super::adapter::{AdapterOptions, Move, News, Outcome, Traffic};

/// How long a peer may take to answer. It may be about to move its own end.
const ANSWER: Duration = Duration::from_secs(30);
/// When it is tried again to move a queue pair to its first record. (Of the later ones the agent says it.)
const AGAIN: Duration = Duration::from_secs(1);
/// How long the traffic waits for a write to end, before it is looked whether there is a move to make.
const AT_A_TIME: Duration = Duration::from_millis(10);

/// The queue pairs, by what reaches their threads.
#[derive(Debug)]
pub(super) struct Movers {
    rows: Vec<Row>,
    news: UnboundedReceiver<News>,
    has_traffic: bool,
}

#[derive(Debug)]
struct Row {
    number: Qpn,
    words: Arc<Words>,
    /// A queue pair has one move at a time, and a second one at most while its first record is on the way.
    moves: Sender<Move>,
}

/// Connect `count` queue pairs on the port that `url` names.
pub(super) fn open(url: &str, options: &AdapterOptions, count: usize) -> Result<Movers, ProgramError> {
    let name = url.parse::<VerbsName>().map_err(|error| ProgramError::Usage(format!("--on: {error}")))?;
    let (sender, news) = unbounded_channel();
    let mut movers = Movers { rows: Vec::new(), news, has_traffic: options.traffic };
    for queue_pair in connected(&name, options, count)? {
        let (moves, received) = channel();
        movers.rows.push(Row { number: queue_pair.number(), words: Arc::clone(queue_pair.words()), moves });
        let (limit, has_traffic, news) = (options.drain, options.traffic, sender.clone());
        let mover = Mover { queue_pair, limit, has_traffic, owed: None, news };
        std::thread::spawn(move || mover.run(&received));
    }
    Ok(movers)
}

fn connected(
    name: &VerbsName,
    options: &AdapterOptions,
    count: usize,
) -> Result<Vec<LiveQueuePair>, ProgramError> {
    let failed = |error: VerbsError| ProgramError::Other(error.to_string());
    let port = Port::open(name).map_err(failed)?;
    let timeout = TimeoutValue::new(14).unwrap_or_default();
    let config = ConnectionConfig { timeout, retries: options.retries, ..ConnectionConfig::default() };
    if let Some(address) = options.listen {
        let unusable = |source| transport::ChannelError::Bind { address, source };
        let listener = TcpListener::bind(address).map_err(unusable)?;
        let accept = |_| {
            let exchange = Exchange::accept(&listener, ANSWER)?;
            LiveQueuePair::connect(&port, exchange, Role::Listening, config)
        };
        return (0..count).map(accept).collect::<Result<_, _>>().map_err(failed);
    }
    if options.connect.len() != count {
        return Err(ProgramError::Usage(format!(
            "--connect is given {} times, and --queue-pair {count} times: give as many",
            options.connect.len()
        )));
    }
    let connect = |address| {
        let exchange = Exchange::connect(address, ANSWER)?;
        LiveQueuePair::connect(&port, exchange, Role::Connecting, config)
    };
    options.connect.iter().copied().map(connect).collect::<Result<_, _>>().map_err(failed)
}

impl Movers {
    pub(super) fn number(&self, row: usize) -> Qpn {
        self.rows[row].number
    }

    /// Begin to move a queue pair.
    pub(super) fn begin(&self, to: Move) {
        if let Some(row) = self.rows.iter().find(|row| row.number == to.queue_pair()) {
            // Its thread ends only when this program does.
            let _ = row.moves.send(to);
        }
    }

    /// The next news of any of them. Dropping the future loses none.
    pub(super) async fn news(&mut self) -> News {
        match self.news.recv().await {
            Some(news) => news,
            // All threads have ended.
            None => core::future::pending().await,
        }
    }

    pub(super) fn traffic(&self) -> impl Iterator<Item = Traffic> {
        self.rows.iter().filter(|_| self.has_traffic).map(|row| Traffic {
            queue_pair: row.number,
            written: row.words.written(),
            lost: row.words.lost(),
        })
    }
}

/// One queue pair, in its thread.
struct Mover {
    queue_pair: LiveQueuePair,
    /// How long work under way may take to end.
    limit: Duration,
    /// Whether it writes to its peer. It does not while its writes fail.
    has_traffic: bool,
    /// A first record that it could not be moved to, and when to try again.
    owed: Option<(Instant, Move)>,
    news: UnboundedSender<News>,
}

impl Mover {
    /// Make the moves in their order, until nobody wants any more.
    fn run(mut self, moves: &Receiver<Move>) {
        let mut is_writing = self.has_traffic;
        loop {
            let next = if is_writing {
                moves.try_recv().map_err(|error| error == TryRecvError::Disconnected)
            } else {
                moves.recv_timeout(AGAIN).map_err(|error| error == RecvTimeoutError::Disconnected)
            };
            match next {
                Ok(to) => is_writing = self.make(to) && self.has_traffic,
                Err(true) => return,
                Err(false) => {}
            }
            if let Some((_, to)) = self.owed.take_if(|(due, _)| *due <= Instant::now()) {
                is_writing = self.make(to) && self.has_traffic;
            }
            if is_writing && let Err(error) = self.queue_pair.keep_writing(AT_A_TIME) {
                is_writing = false;
                self.tell(News::Broken(self.queue_pair.number(), error));
            }
        }
    }

    /// Whether it is on the record now.
    fn make(&mut self, to: Move) -> bool {
        // A later record takes the place of the first.
        self.owed = None;
        let moved = self.queue_pair.move_to(to.record(), self.limit);
        let has_moved = moved.is_ok();
        if !has_moved && matches!(to, Move::First(..)) {
            self.owed = Some((Instant::now() + AGAIN, to.clone()));
        }
        self.tell(News::Moved(to, moved.map_or_else(Outcome::Failed, Outcome::Moved)));
        has_moved
    }

    fn tell(&self, news: News) {
        // Nobody hears it when the program ends.
        let _ = self.news.send(news);
    }
}
