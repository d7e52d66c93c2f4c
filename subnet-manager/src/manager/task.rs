use ib_mad::wire::{AttributeId, Method, MulticastForwardingTable, PKeyTable, SlToVlMapping};

use crate::configure::Setting;
use crate::discovery::Question;
use crate::standing::Request;
use crate::subnet::{EndPort, NodeIndex};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Task {
    /// Discovery.
    Ask(Question),
    /// A setting.
    Set(Setting),
    /// Whether a switch has a change to tell.
    Look(NodeIndex),
    /// Whether the watched manager is the master still.
    Poll(EndPort),
    /// Something between managers.
    Tell(EndPort, Request),
}

impl Task {
    pub(super) const fn method(self) -> Method {
        match self {
            Self::Ask(Question::ClearChange(_)) | Self::Set(_) | Self::Tell(..) => Method::SET,
            Self::Ask(_) | Self::Look(_) | Self::Poll(_) => Method::GET,
        }
    }

    pub(super) const fn attribute(self) -> AttributeId {
        match self {
            Self::Ask(question) => question.attribute(),
            Self::Set(setting) => setting.attribute(),
            Self::Look(_) => AttributeId::SWITCH_INFO,
            Self::Poll(_) | Self::Tell(..) => AttributeId::SM_INFO,
        }
    }

    /// The attribute modifier; `is_switch` is whether the node asked is one.
    pub(super) const fn modifier(self, is_switch: bool) -> u32 {
        match self {
            Self::Ask(Question::PortInfo(at)) | Self::Set(Setting::Port(at) | Setting::Activate(at)) => {
                at.port as u32
            }
            // An adapter's port is the one that the request comes in by.
            Self::Set(Setting::Keys(_, block)) => PKeyTable::modifier(block, 0),
            Self::Set(Setting::Forwarding(_, block)) => block as u32,
            Self::Set(Setting::Multicast(_, block, position)) => {
                MulticastForwardingTable::modifier(block, position)
            }
            Self::Set(Setting::Lanes { input, output, .. }) if is_switch => {
                SlToVlMapping::modifier(input, output)
            }
            Self::Tell(_, request) => request.modifier(),
            Self::Set(Setting::Lanes { .. } | Setting::Switch(_)) => 0,
            Self::Ask(
                Question::Own
                | Question::Who(_)
                | Question::Description(_)
                | Question::SwitchInfo(_)
                | Question::ClearChange(_)
                | Question::Manager(_),
            )
            | Self::Look(_)
            | Self::Poll(_) => 0,
        }
    }

    /// The node that answers, as far as it is known.
    pub(super) const fn node(self) -> Option<NodeIndex> {
        match self {
            Self::Ask(Question::Own | Question::Who(_)) => None,
            Self::Ask(
                Question::Description(node) | Question::SwitchInfo(node) | Question::ClearChange(node),
            )
            | Self::Look(node) => Some(node),
            Self::Ask(Question::PortInfo(at) | Question::Manager(at))
            | Self::Poll(at)
            | Self::Tell(at, _) => Some(at.node),
            Self::Set(setting) => Some(setting.node()),
        }
    }
}
