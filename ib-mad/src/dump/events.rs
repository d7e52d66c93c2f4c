//! Events and subscriptions.

use super::value::Value;
use super::{Fields, Visit};
use crate::wire::{
    Attribute, InformInfo, InformInfoRecord, Notice, Producer, RepathNotice, SmpNotice, TrapDetails,
};

impl Notice {
    fn start(&self, visit: &mut Visit<'_>) {
        let is_generic = matches!(self.producer, Producer::Generic { .. });
        visit("NoticeIsGeneric", is_generic.into());
        visit("NoticeType", Value::Number((self.notice_type.0 & 0x7F).into()));
        match self.producer {
            Producer::Generic { producer_type, trap_number } => {
                visit("NoticeProducerType", producer_type.0.into());
                visit("NoticeTrapNumber", trap_number.0.into());
            }
            Producer::Vendor { vendor_id, device_id } => {
                visit("NoticeVendorID", Value::wide_hex(vendor_id, 6));
                visit("NoticeDeviceID", Value::wide_hex(device_id, 4));
            }
        }
        visit("NoticeIssuerLID", self.issuer_lid.into());
        visit("NoticeToggle", self.notice_toggle.into());
        visit("NoticeCount", self.notice_count.into());
        match self.trap() {
            Some(TrapDetails::Other { .. }) | None => {
                visit("NoticeDataDetails", Value::Bytes(&self.data_details));
            }
            Some(trap) => visit("NoticeDataDetails", Value::Structure(&trap)),
        }
    }
}

const TELLING: &[&str] =
    &["NoticeTrapNumber", "NoticeVendorID", "NoticeDeviceID", "NoticeIssuerLID", "NoticeDataDetails"];

impl Fields for Notice {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        self.start(visit);
        visit("NoticeIssuerGID", self.issuer_gid.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        TELLING
    }
}

impl Fields for SmpNotice {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        self.0.start(visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        TELLING
    }
}

impl Fields for RepathNotice {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        self.notice.fields(visit);
        if let Some(path) = &self.path_record {
            visit("PathRecord", Value::Structure(path));
        }
    }

    fn telling(&self) -> &'static [&'static str] {
        TELLING
    }
}

impl Fields for InformInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        let is_generic = matches!(self.producer, Producer::Generic { .. });
        visit("gid", self.gid.into());
        visit("lid_range_begin", self.lid_range_begin.into());
        visit("lid_range_end", self.lid_range_end.into());
        visit("is_generic", Value::hex(u8::from(is_generic)));
        visit("subscribe", Value::hex(u8::from(self.subscribe)));
        visit("trap_type", Value::hex(self.notice_type.0));
        match self.producer {
            Producer::Generic { trap_number, .. } => visit("trap_num", trap_number.0.into()),
            Producer::Vendor { device_id, .. } => visit("dev_id", Value::hex(device_id)),
        }
        visit("qpn", self.qpn.into());
        visit("resp_time_val", Value::hex(self.response_time_value));
        match self.producer {
            Producer::Generic { producer_type, .. } => {
                visit("node_type", Value::wide_hex(producer_type.0, 6));
            }
            Producer::Vendor { vendor_id, .. } => visit("vendor_id", Value::wide_hex(vendor_id, 6)),
        }
    }

    fn telling(&self) -> &'static [&'static str] {
        &["subscribe", "trap_num", "vendor_id", "dev_id", "gid", "lid_range_begin"]
    }
}

impl Fields for InformInfoRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("SubscriberGID", self.subscriber_gid.into());
        visit("SubscriberEnum", Value::hex(self.subscriber_enum));
        self.inform_info.fields(visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["SubscriberGID", "SubscriberEnum", "trap_num"]
    }
}
