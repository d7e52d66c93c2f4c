//! Which port a program is to use, as text: `SCHEME:NODE`, options behind a question mark.

use core::str::FromStr;

/// Schemes that this crate was built with, for error messages.
const SCHEMES: &[&str] = &[
    #[cfg(feature = "ibsim")]
    "ibsim:NODE[?sock=NAME]",
    #[cfg(feature = "umad")]
    "umad:[DEVICE[/PORT]][?pkey=P_KEY]",
    #[cfg(feature = "sim")]
    "sim:[TOPOLOGY@]NODE[?sock=NAME]",
];

/// A port of a fabric.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortUrl {
    /// `ibsim:NODE` or `ibsim:NODE?sock=NAME`: a node of a fabric that ibsim emulates.
    #[cfg(feature = "ibsim")]
    Ibsim {
        /// Name of the node in ibsim's topology.
        node: Box<str>,
        /// Base name of ibsim's sockets; if not given, that of `IBSIM_SOCKNAME`, or `sim`.
        socket_name: Option<Box<str>>,
    },
    /// `umad:DEVICE/PORT`: a port of this machine. Without a number the first active port of the device, without a
    /// device the first of all; `?pkey=P_KEY` names the partition to send in.
    #[cfg(feature = "umad")]
    Umad(crate::umad::UmadName),
    /// `sim:NODE` or `sim:NODE?sock=NAME`: a node of a simulated fabric that the program `fabric` hosts.
    /// `sim:TOPOLOGY@NODE`: one of a fabric in this process, like `sim:torus:4x4:hosts=1@H1`.
    #[cfg(feature = "sim")]
    Sim {
        /// Name of the node, behind the topology if there is one.
        node: Box<str>,
        /// Name or path of the host's socket; if not given, that of `FABRIC_SIM`, or `fabric`.
        socket_name: Option<Box<str>>,
    },
}

/// Why a text names no port.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// No colon, or nothing before it.
    #[error("port \"{url}\" has no scheme: write one of {}", supported())]
    NoScheme {
        /// The text.
        url: Box<str>,
    },
    /// A scheme that this program was not built with.
    #[error("port \"{url}\": there is no transport \"{scheme}\" here: write one of {}", supported())]
    UnknownScheme {
        /// The text.
        url: Box<str>,
        /// The scheme in it.
        scheme: Box<str>,
    },
    /// Nothing between the colon and the options.
    #[error("port \"{url}\" names no node: write {scheme}:NODE")]
    NoNode {
        /// The text.
        url: Box<str>,
        /// The scheme in it.
        scheme: &'static str,
    },
    /// What is behind the colon names no port of a machine.
    #[error("port \"{url}\": write umad:DEVICE/PORT with a port's number, umad:DEVICE or umad:")]
    NoPort {
        /// The text.
        url: Box<str>,
    },
    /// The value of an option is not what it should be.
    #[error("port \"{url}\": the option \"{option}\" is {wanted}")]
    BadValue {
        /// The text.
        url: Box<str>,
        /// The option.
        option: Box<str>,
        /// What to write.
        wanted: &'static str,
    },
    /// An option that the transport does not have.
    #[error("port \"{url}\": {scheme} has no option \"{option}\": it has {known}")]
    UnknownOption {
        /// The text.
        url: Box<str>,
        /// The scheme in it.
        scheme: &'static str,
        /// The option.
        option: Box<str>,
        /// Options that the transport has.
        known: &'static str,
    },
    /// An option without a value.
    #[error("port \"{url}\": the option \"{option}\" has no value: write {option}=VALUE")]
    NoValue {
        /// The text.
        url: Box<str>,
        /// The option.
        option: Box<str>,
    },
}

fn supported() -> String {
    SCHEMES.join(", ")
}

impl FromStr for PortUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        let Some((scheme, rest)) = url.split_once(':').filter(|(scheme, _)| !scheme.is_empty()) else {
            return Err(UrlError::NoScheme { url: url.into() });
        };
        #[cfg(any(feature = "ibsim", feature = "umad", feature = "sim"))]
        let (node, options) = rest.split_once('?').unwrap_or((rest, ""));
        #[cfg(not(any(feature = "ibsim", feature = "umad", feature = "sim")))]
        let _ = rest;
        match scheme {
            #[cfg(feature = "ibsim")]
            "ibsim" => parse_ibsim(url, node, options),
            #[cfg(feature = "umad")]
            "umad" => parse_umad(url, node, options),
            #[cfg(feature = "sim")]
            "sim" => parse_sim(url, node, options),
            _ => Err(UrlError::UnknownScheme { url: url.into(), scheme: scheme.into() }),
        }
    }
}

/// The options of a URL, each with its value.
#[cfg(any(feature = "ibsim", feature = "umad", feature = "sim"))]
fn options<'a>(
    url: &'a str,
    options: &'a str,
    scheme: &'static str,
    known: &'static str,
) -> impl Iterator<Item = Result<&'a str, UrlError>> {
    let (key, _) = known.split_once('=').unwrap_or((known, ""));
    options.split('&').filter(|option| !option.is_empty()).map(move |option| match option.split_once('=') {
        Some((name, value)) if name == key && !value.is_empty() => Ok(value),
        other => {
            let name = other.map_or(option, |(name, _)| name);
            Err(if name == key {
                UrlError::NoValue { url: url.into(), option: name.into() }
            } else {
                UrlError::UnknownOption { url: url.into(), scheme, option: name.into(), known }
            })
        }
    })
}

#[cfg(feature = "ibsim")]
fn parse_ibsim(url: &str, node: &str, text: &str) -> Result<PortUrl, UrlError> {
    const SCHEME: &str = "ibsim";
    if node.is_empty() {
        return Err(UrlError::NoNode { url: url.into(), scheme: SCHEME });
    }
    let mut socket_name = None;
    for value in options(url, text, SCHEME, "sock=NAME") {
        socket_name = Some(value?.into());
    }
    Ok(PortUrl::Ibsim { node: node.into(), socket_name })
}

#[cfg(feature = "sim")]
fn parse_sim(url: &str, node: &str, text: &str) -> Result<PortUrl, UrlError> {
    const SCHEME: &str = "sim";
    if node.is_empty() || node.ends_with('@') {
        return Err(UrlError::NoNode { url: url.into(), scheme: SCHEME });
    }
    let mut socket_name = None;
    for value in options(url, text, SCHEME, "sock=NAME") {
        socket_name = Some(value?.into());
    }
    Ok(PortUrl::Sim { node: node.into(), socket_name })
}

#[cfg(feature = "umad")]
fn parse_umad(url: &str, name: &str, text: &str) -> Result<PortUrl, UrlError> {
    let mut name = crate::umad::UmadName::parse(name).ok_or_else(|| UrlError::NoPort { url: url.into() })?;
    for value in options(url, text, "umad", "pkey=P_KEY") {
        let value = value?;
        let digits = value.strip_prefix("0x").unwrap_or(value);
        let p_key =
            u16::from_str_radix(digits, 16).ok().map(ib_mad::PKey).filter(|p_key| p_key.partition() != 0);
        name.p_key = Some(p_key.ok_or_else(|| UrlError::BadValue {
            url: url.into(),
            option: "pkey".into(),
            wanted: "a P_Key of up to 4 hexadecimal digits, like 0x8001",
        })?);
    }
    Ok(PortUrl::Umad(name))
}

impl core::fmt::Display for PortUrl {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            #[cfg(feature = "ibsim")]
            Self::Ibsim { node, socket_name: None } => write!(f, "ibsim:{node}"),
            #[cfg(feature = "ibsim")]
            Self::Ibsim { node, socket_name: Some(name) } => write!(f, "ibsim:{node}?sock={name}"),
            #[cfg(feature = "umad")]
            Self::Umad(name) => name.fmt(f),
            #[cfg(feature = "sim")]
            Self::Sim { node, socket_name: None } => write!(f, "sim:{node}"),
            #[cfg(feature = "sim")]
            Self::Sim { node, socket_name: Some(name) } => write!(f, "sim:{node}?sock={name}"),
            #[cfg(not(any(feature = "ibsim", feature = "umad", feature = "sim")))]
            _ => f.write_str(""),
        }
    }
}

#[cfg(all(test, feature = "ibsim", feature = "umad", feature = "sim"))]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PortUrl, UrlError> {
        url.parse()
    }

    #[test]
    fn ports_are_written_as_they_are_read() {
        for url in [
            "ibsim:H2",
            "ibsim:H2?sock=run7",
            "ibsim:S-0002c9:odd name",
            "umad:",
            "umad:mlx5_0",
            "umad:mlx5_0/2?pkey=0x8001",
            "sim:H1",
            "sim:H1?sock=net7",
            "sim:torus:4x4:hosts=1@H1",
        ] {
            assert_eq!(parse(url).unwrap().to_string(), url);
        }
        assert_eq!(
            parse("ibsim:H2?sock=run7"),
            Ok(PortUrl::Ibsim { node: "H2".into(), socket_name: Some("run7".into()) })
        );
    }

    #[test]
    fn each_mistake_is_named_with_what_to_write() {
        for (url, part) in [
            ("H2", "no scheme: write one of ibsim:NODE"),
            (":H2", "no scheme"),
            ("verbs:rxe0", "no transport \"verbs\" here: write one of ibsim:NODE"),
            ("ibsim:", "names no node: write ibsim:NODE"),
            ("ibsim:?sock=x", "names no node"),
            ("ibsim:H2?name=x", "no option \"name\": it has sock=NAME"),
            ("ibsim:H2?sock=", "\"sock\" has no value: write sock=VALUE"),
            ("ibsim:H2?sock", "\"sock\" has no value"),
            ("umad:mlx5_0/x", "write umad:DEVICE/PORT with a port's number"),
            ("umad:?sock=x", "umad has no option \"sock\": it has pkey=P_KEY"),
            ("sim:", "names no node: write sim:NODE"),
            ("sim:mesh:3x2@", "names no node"),
            ("sim:H2?name=x", "sim has no option \"name\": it has sock=NAME"),
            ("umad:?pkey=", "\"pkey\" has no value: write pkey=VALUE"),
            ("umad:?pkey=0x8000", "\"pkey\" is a P_Key of up to 4 hexadecimal digits"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains(url), "{error}");
            assert!(!error.contains('\n'));
        }
    }
}
