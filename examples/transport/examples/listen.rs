//! Prints what arrives at a port. With a number of seconds, first computes for so long without looking at the port.
#![allow(missing_docs, clippy::disallowed_methods, reason = "an example")]
use transport::ManagementChannel;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn core::error::Error>> {
    let url = std::env::args().nth(1).ok_or("usage: listen URL [SECONDS]")?;
    let seconds: f64 = std::env::args().nth(2).map_or(Ok(0.0), |text| text.parse())?;
    let mut channel = transport::open(&url.parse()?).await?;
    println!("{:?}", channel.port().await?);
    let start = std::time::Instant::now();
    while start.elapsed().as_secs_f64() < seconds {}
    let mut batch = Vec::new();
    loop {
        channel.receive(&mut batch).await?;
        println!("{} datagrams", batch.len());
        batch.clear();
    }
}
