//! Loses datagrams on purpose: what does a program do when its reports never arrive?

use core::str::FromStr;

use async_trait::async_trait;
use ib_mad::wire::{Attribute, AttributeId, MAD_LENGTH, MadHeader, Method};

use crate::channel::{Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::port::LocalPort;

/// Methods that a rule can name.
const METHODS: &[Method] = &[
    Method::GET,
    Method::SET,
    Method::GET_RESP,
    Method::TRAP,
    Method::REPORT,
    Method::REPORT_RESP,
    Method::TRAP_REPRESS,
    Method::GET_TABLE,
    Method::GET_TABLE_RESP,
    Method::DELETE,
    Method::DELETE_RESP,
];

/// Which datagrams to lose. As text: `[sent:|received:]METHOD[/ATTRIBUTE][@PROBABILITY]`, for example `report`,
/// `received:getresp/0x35@0.25` or `any@0.1`. Without a direction received ones are meant, without a probability all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossRule {
    sent: bool,
    method: Option<Method>,
    attribute: Option<AttributeId>,
    probability: f64,
}

/// Why a text is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LossRuleError {
    /// The method is none that has a name.
    #[error("\"{rule}\" loses nothing: there is no method \"{method}\"; write any, {}", method_names())]
    UnknownMethod {
        /// The text.
        rule: Box<str>,
        /// The method in it.
        method: Box<str>,
    },
    /// The attribute is no number of 16 bits.
    #[error("\"{rule}\": the attribute \"{attribute}\" is no number; write one like 0x35")]
    BadAttribute {
        /// The text.
        rule: Box<str>,
        /// The attribute in it.
        attribute: Box<str>,
    },
    /// The probability is not between 0 and 1.
    #[error("\"{rule}\": the probability \"{probability}\" is not between 0 and 1")]
    BadProbability {
        /// The text.
        rule: Box<str>,
        /// The probability in it.
        probability: Box<str>,
    },
}

fn method_names() -> String {
    METHODS.iter().map(|method| method.name().to_ascii_lowercase()).collect::<Vec<_>>().join(", ")
}

impl FromStr for LossRule {
    type Err = LossRuleError;

    fn from_str(rule: &str) -> Result<Self, LossRuleError> {
        let (sent, rest) = match rule.split_once(':') {
            Some(("sent", rest)) => (true, rest),
            Some(("received", rest)) => (false, rest),
            _ => (false, rule),
        };
        let (rest, probability) = match rest.split_once('@') {
            None => (rest, 1.0),
            Some((rest, text)) => match text.parse::<f64>() {
                Ok(probability) if (0.0..=1.0).contains(&probability) => (rest, probability),
                _ => {
                    return Err(LossRuleError::BadProbability {
                        rule: rule.into(),
                        probability: text.into(),
                    });
                }
            },
        };
        let (name, attribute) = match rest.split_once('/') {
            None => (rest, None),
            Some((name, text)) => match parse_number(text) {
                Some(number) => (name, Some(AttributeId(number))),
                None => {
                    return Err(LossRuleError::BadAttribute { rule: rule.into(), attribute: text.into() });
                }
            },
        };
        let method = METHODS.iter().find(|method| method.name().eq_ignore_ascii_case(name));
        if method.is_none() && !name.eq_ignore_ascii_case("any") {
            return Err(LossRuleError::UnknownMethod { rule: rule.into(), method: name.into() });
        }
        Ok(Self { sent, method: method.copied(), attribute, probability })
    }
}

fn parse_number(text: &str) -> Option<u16> {
    match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

impl LossRule {
    fn matches(&self, sent: bool, mad: &[u8; MAD_LENGTH]) -> bool {
        self.sent == sent
            && MadHeader::view(mad).is_ok_and(|header| {
                self.method.is_none_or(|method| method == header.method())
                    && self.attribute.is_none_or(|attribute| attribute == header.attribute_id())
            })
    }
}

/// A channel that loses what its rules name.
#[derive(Debug)]
pub struct Lossy<C> {
    channel: C,
    rules: Vec<LossRule>,
    random: u64,
    lost: u64,
}

impl<C: ManagementChannel> Lossy<C> {
    /// Lose datagrams of `channel`; the same seed loses the same ones.
    pub fn new(channel: C, rules: Vec<LossRule>, seed: u64) -> Self {
        Self { channel, rules, random: seed, lost: 0 }
    }

    /// How many were lost so far.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    fn loses(&mut self, sent: bool, mad: &[u8; MAD_LENGTH]) -> bool {
        let lost = self.rules.iter().any(|rule| {
            // Every rule that matches draws, so that one rule's draws do not depend on another's outcome.
            rule.matches(sent, mad) && draw(&mut self.random) < rule.probability
        });
        self.lost += u64::from(lost);
        lost
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014), as a number from 0 up to, not including, 1.
fn draw(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[async_trait]
impl<C: ManagementChannel> ManagementChannel for Lossy<C> {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        self.channel.port().await
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        let kept: Vec<Outgoing> =
            batch.iter().filter(|outgoing| !self.loses(true, &outgoing.mad)).copied().collect();
        self.channel.send(&kept).await
    }

    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        let start = batch.len();
        while batch.len() == start {
            self.channel.receive(batch).await?;
            let arrived = batch.split_off(start);
            batch.extend(arrived.into_iter().filter(|incoming| !self.loses(false, &incoming.mad)));
        }
        Ok(())
    }

    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        self.channel.announce_manager().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mad(method: Method, attribute: u16) -> [u8; MAD_LENGTH] {
        let mut mad = [0; MAD_LENGTH];
        mad[3] = method.0;
        mad[16..18].copy_from_slice(&attribute.to_be_bytes());
        mad
    }

    #[test]
    fn rules_match_what_they_name() {
        let rule = |text: &str| text.parse::<LossRule>().unwrap();
        assert!(rule("report").matches(false, &mad(Method::REPORT, 2)));
        assert!(!rule("report").matches(true, &mad(Method::REPORT, 2)));
        assert!(!rule("report").matches(false, &mad(Method::REPORT_RESP, 2)));
        assert!(rule("sent:ReportResp").matches(true, &mad(Method::REPORT_RESP, 2)));
        assert!(rule("received:getresp/0x35").matches(false, &mad(Method::GET_RESP, 0x35)));
        assert!(!rule("received:getresp/0x35").matches(false, &mad(Method::GET_RESP, 0x11)));
        assert!(rule("any/53").matches(false, &mad(Method(0x77), 0x35)));
    }

    #[test]
    fn each_mistake_is_named_with_what_to_write() {
        for (text, part) in [
            ("reprot", "no method \"reprot\"; write any, get, set"),
            ("", "no method"),
            ("get/path", "write one like 0x35"),
            ("get@2", "not between 0 and 1"),
            ("get@NaN", "not between 0 and 1"),
        ] {
            let error = text.parse::<LossRule>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn draws_are_even_and_repeat_with_the_seed() {
        let draws = |seed| {
            let mut state = seed;
            (0..10_000).map(|_| draw(&mut state)).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        let below = draws(7).iter().filter(|&&number| number < 0.25).count();
        assert!((2_300..2_700).contains(&below), "{below}");
    }
}
