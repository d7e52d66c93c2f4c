//! One run of the machine: QEMU is started, the job goes in, its output and its exit code come out.
//!
//! The second serial port is QEMU's standard input and output. On it the machine says `machine: ready` (when it is to be
//! saved), is told `go` with the time, says `machine: job`, and from then on everything is the job's. The exit code comes by
//! QEMU's debug console.

use core::time::Duration;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::process::{Signal, set_parent_process_death_signal};

use crate::acceleration::Accelerator;
use crate::archive::Archive;
use crate::cache::{self, Cache};
use crate::error::VmError;
use crate::files::locate;
use crate::initramfs;
use crate::job::Job;
use crate::kernel::Kernel;
use crate::run_dir::RunDir;

/// How long the machine may take to come up, on a computer that is busy with other things.
pub(crate) const UP: Duration = Duration::from_secs(120);

/// What the kernel is told: no waiting for devices and clocks that an emulated machine does not have, and an end instead of a hang.
const KERNEL_ARGUMENTS: &str = "console=ttyS0 quiet panic=-1 oops=panic nokaslr mitigations=off cryptomgr.notests \
    no_timer_check tsc=reliable audit=0 apparmor=0 nowatchdog rcupdate.rcu_expedited=1 random.trust_cpu=on";

/// What a machine is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) qemu: PathBuf,
    kernel: PathBuf,
    initramfs: PathBuf,
    /// What the machine has already.
    pub(crate) present: Archive,
    /// Names these parts.
    pub(crate) key: String,
}

impl Parts {
    /// Find or make all parts.
    pub(crate) fn prepare(cache: &Cache) -> Result<Self, VmError> {
        let qemu = locate("qemu-system-x86_64", "qemu-system-x86")?;
        let kernel = Kernel::get(cache)?;
        let present = initramfs::make(&kernel)?;
        let content = present.clone().finish();
        let key = cache::key(&[&content]);
        let initramfs = cache.entry(&format!("initramfs-{key}"), |path| {
            fs::write(path, &content).map_err(VmError::file(path))
        })?;
        cache.keep_only("initramfs-", &initramfs);
        let image = kernel.image();
        let identity = |path: &Path| {
            let metadata = fs::metadata(path).map_err(VmError::file(path))?;
            let time = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            Ok(format!("{} {time:?}", metadata.len()))
        };
        let arguments = Self::arguments(Accelerator::Emulated, Path::new(""), Path::new("")).join(" ");
        let key = cache::key(&[
            &content,
            identity(&qemu)?.as_bytes(),
            identity(&image)?.as_bytes(),
            arguments.as_bytes(),
            KERNEL_ARGUMENTS.as_bytes(),
        ]);
        Ok(Self { qemu, kernel: image, initramfs, present, key })
    }

    /// What every machine is started with: a saved one has to have been the same.
    fn arguments(accelerator: Accelerator, dir: &Path, disk: &Path) -> Vec<String> {
        let file = |name: &str| comma(&dir.join(name));
        let accelerator = match accelerator {
            Accelerator::Emulated => "tcg,thread=multi,tb-size=512",
            Accelerator::Kvm => "kvm",
        };
        let fixed = "-machine q35,hpet=off,usb=off,vmport=off,smm=off -cpu Nehalem,+rdrand -smp 2 -m 512 -nodefaults \
            -no-user-config -display none -no-reboot -serial chardev:console -serial chardev:job \
            -device isa-debugcon,iobase=0xe9,chardev=code -device isa-debug-exit,iobase=0xf4,iosize=1 \
            -device virtio-blk-pci,drive=disk,romfile=";
        let mut arguments: Vec<String> = fixed.split_whitespace().map(str::to_owned).collect();
        for (option, value) in [
            ("-accel", accelerator.to_owned()),
            ("-chardev", format!("file,id=console,path={}", file("console"))),
            ("-chardev", "stdio,id=job,signal=off".to_owned()),
            ("-chardev", format!("file,id=code,path={}", file("code"))),
            ("-drive", format!("if=none,id=disk,format=raw,readonly=on,file={}", comma(disk))),
        ] {
            arguments.extend([option.to_owned(), value]);
        }
        arguments
    }

    /// QEMU, which boots the machine; one that is `to_be_saved` stops when it is up.
    pub(crate) fn boot(
        &self,
        accelerator: Accelerator,
        dir: &Path,
        disk: &Path,
        to_be_saved: bool,
    ) -> Command {
        let mut command = Command::new(&self.qemu);
        let wait = if to_be_saved { " machine.wait" } else { "" };
        command.args(Self::arguments(accelerator, dir, disk)).arg("-kernel").arg(&self.kernel);
        command.arg("-initrd").arg(&self.initramfs).arg("-append").arg(format!("{KERNEL_ARGUMENTS}{wait}"));
        command
    }

    fn restore(&self, accelerator: Accelerator, dir: &Path, disk: &Path, saved: &Path) -> Command {
        let mut command = Command::new(&self.qemu);
        let saved = saved.to_string_lossy().replace('\'', r"'\''");
        command
            .args(Self::arguments(accelerator, dir, disk))
            .args(["-incoming", &format!("exec:exec cat '{saved}'")]);
        command.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(&self.initramfs);
        command
    }
}

/// A path inside a list that is separated by commas.
pub(crate) fn comma(path: &Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}

/// How the machine comes up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start<'a> {
    /// From the beginning.
    Boot,
    /// As it was saved in a file.
    Restore(&'a Path),
}

/// Run a job, and give its exit code. Its output goes to standard output as it comes.
pub(crate) fn run(
    parts: &Parts,
    accelerator: Accelerator,
    start: &Start<'_>,
    job: &Job,
    limit: Duration,
    show_console: bool,
) -> Result<u8, VmError> {
    let dir = RunDir::new()?;
    let disk = dir.write("disk", &job.archive(&parts.present)?)?;
    let command = match start {
        Start::Boot => parts.boot(accelerator, dir.path(), &disk, false),
        Start::Restore(saved) => parts.restore(accelerator, dir.path(), &disk, saved),
    };
    let code = Running::start(command, dir.file("console")).and_then(|mut running| {
        if matches!(start, Start::Restore(_)) {
            running.go();
        }
        running.wait_for("machine: job", UP)?;
        running.pass_on(job, limit)?;
        let code = fs::read(dir.file("code")).unwrap_or_default();
        code.first()
            .copied()
            .ok_or_else(|| VmError::Died { job: job.name.clone(), reason: running.last_words() })
    });
    if show_console {
        let console = fs::read(dir.file("console")).unwrap_or_default();
        eprintln!("{}", String::from_utf8_lossy(&console).trim_end());
        eprintln!("vm/run: {accelerator:?}, {start:?}");
    }
    code
}

/// What comes from the machine.
enum Said {
    Line(String),
    /// What the job printed has been passed on up to its end, which is the end of QEMU.
    End,
}

/// QEMU, which is ended when the handle is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Receiver<Said>,
    console: PathBuf,
    /// What it said instead of what was waited for.
    other: Vec<String>,
}

impl Running {
    /// Start QEMU.
    pub(crate) fn start(mut command: Command, console: PathBuf) -> Result<Self, VmError> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let arm = || set_parent_process_death_signal(Some(Signal::KILL)).map_err(io::Error::from);
        // SAFETY: between fork and exec the closure makes one system call; it neither allocates nor takes a lock.
        unsafe { command.pre_exec(arm) };
        let mut child = command.spawn().map_err(VmError::file(command.get_program()))?;
        let (sender, said) = channel();
        let stdout = child.stdout.take();
        thread::spawn(move || stdout.map(|stdout| listen(stdout, &sender)));
        let stdin = child.stdin.take();
        Ok(Self { child, stdin, said, console, other: Vec::new() })
    }

    /// Tell a restored machine to go on, what time it is, and something that no other machine is told.
    fn go(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // The serial port of a machine that is still being restored takes up to 16 bytes, and forgets them then.
        let lost = "\n".repeat(64);
        let line = format!("{lost}go {} {}-{}\n", now.as_secs(), std::process::id(), now.as_nanos());
        // When it has ended already, its output says so.
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(line.as_bytes());
        }
    }

    /// Wait until the machine says a line.
    pub(crate) fn wait_for(&mut self, line: &str, within: Duration) -> Result<(), VmError> {
        let end = std::time::Instant::now() + within;
        loop {
            match self.said.recv_timeout(end.saturating_duration_since(std::time::Instant::now())) {
                Ok(Said::Line(said)) if said == line => return Ok(()),
                Ok(Said::Line(said)) => match said.strip_prefix("machine: refused ") {
                    Some(reason) => {
                        let reason = self
                            .other
                            .iter()
                            .map(String::as_str)
                            .chain([reason])
                            .collect::<Vec<_>>()
                            .join(" | ");
                        return Err(VmError::Refused { reason });
                    }
                    None => self.other.push(said),
                },
                Err(RecvTimeoutError::Timeout) => {
                    return Err(VmError::NotUp { after: Some(within.as_secs()), reason: self.last_words() });
                }
                Ok(Said::End) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(VmError::NotUp { after: None, reason: self.last_words() });
                }
            }
        }
    }

    /// Wait for the end; what the job prints is passed on meanwhile.
    fn pass_on(&mut self, job: &Job, limit: Duration) -> Result<(), VmError> {
        match self.said.recv_timeout(limit) {
            Err(RecvTimeoutError::Timeout) => {
                Err(VmError::TimeLimit { seconds: limit.as_secs(), job: job.name.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Wait for the end of QEMU.
    pub(crate) fn wait_for_end(&mut self, within: Duration) -> bool {
        let end = std::time::Instant::now() + within;
        while let Ok(said) = self.said.recv_timeout(end.saturating_duration_since(std::time::Instant::now()))
        {
            if matches!(said, Said::End) {
                return self.child.wait().is_ok_and(|status| status.success());
            }
        }
        false
    }

    /// Why the machine ended: a panic of its kernel, or what QEMU says.
    fn last_words(&mut self) -> String {
        let console = fs::read(&self.console).unwrap_or_default();
        let console = String::from_utf8_lossy(&console);
        let panic =
            console.lines().filter_map(|line| line.find("Kernel panic").and_then(|at| line.get(at..))).next();
        if let Some(panic) = panic {
            return panic.trim_end().to_owned();
        }
        let _ = self.child.kill();
        let mut of_qemu = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            let _ = stderr.read_to_string(&mut of_qemu);
        }
        let last = |text: &str| text.trim_end().lines().last().map(str::trim_end).map(str::to_owned);
        last(&of_qemu).or_else(|| last(&console)).unwrap_or_else(|| "without a word".to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Read what the machine says: lines until the job begins, then whatever the job prints.
fn listen(stdout: ChildStdout, sender: &Sender<Said>) {
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        let said = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        let begins = said == "machine: job";
        let _ = sender.send(Said::Line(said));
        if begins {
            let mut out = io::stdout().lock();
            let mut chunk = vec![0; 65_536];
            while let Ok(length @ 1..) = reader.read(&mut chunk) {
                // Nobody reads on: the job runs to its end all the same.
                let _ = out.write_all(chunk.get(..length).unwrap_or_default()).and_then(|()| out.flush());
            }
        }
    }
    let _ = sender.send(Said::End);
}
