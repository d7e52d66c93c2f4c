use crate::wire::{
    Attribute, AttributeId, ClassPortInfo, GuidInfoRecord, InformInfo, McMemberRecord, Record, ServiceRecord,
};

/// What subnet administration answers with: a [`Record`], ClassPortInfo, or InformInfo.
pub trait SaAttribute: Attribute {
    /// Its number.
    const ID: AttributeId;
}

impl<R: Record> SaAttribute for R {
    const ID: AttributeId = R::ATTRIBUTE;
}

impl SaAttribute for ClassPortInfo {
    const ID: AttributeId = AttributeId::CLASS_PORT_INFO;
}

impl SaAttribute for InformInfo {
    const ID: AttributeId = AttributeId::INFORM_INFO;
}

/// A record that nodes make, change and remove themselves (IBTA volume 1, 15.2.5): Set and Delete are for these.
/// Subscriptions are made with InformInfo instead: [`SaRequest::inform`](super::SaRequest::inform).
pub trait Registration: Record {}

impl Registration for ServiceRecord {}
impl Registration for McMemberRecord {}
impl Registration for GuidInfoRecord {}
