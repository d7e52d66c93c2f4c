//! Subnet managers, links and services.

use super::value::{Value, secret};
use super::{Fields, Visit};
use crate::wire::{Attribute, LinkRecord, ServiceRecord, SmInfo, SmInfoRecord};

impl Fields for SmInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("SmInfoGuid", self.guid.into());
        secret(visit, "SmInfoKey", self.sm_key);
        visit("SmActivity", self.act_count.into());
        visit("SmPriority", self.priority.into());
        visit("SmState", self.state.0.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["SmInfoGuid", "SmPriority", "SmState"]
    }
}

impl Fields for SmInfoRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LID", self.lid.into());
        visit("GUID", self.sm_info.guid.into());
        secret(visit, "SM_Key", self.sm_info.sm_key);
        visit("ActCount", self.sm_info.act_count.into());
        visit("Priority", self.sm_info.priority.into());
        visit("SMState", self.sm_info.state.0.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "GUID", "Priority", "SMState"]
    }
}

impl Fields for LinkRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("FromLID", self.from_lid.into());
        visit("FromPort", self.from_port.into());
        visit("ToPort", self.to_port.into());
        visit("ToLID", self.to_lid.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["FromLID", "FromPort", "ToPort", "ToLID"]
    }
}

impl Fields for ServiceRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        const DATA8: [&str; 16] = [
            "ServiceData8.1",
            "ServiceData8.2",
            "ServiceData8.3",
            "ServiceData8.4",
            "ServiceData8.5",
            "ServiceData8.6",
            "ServiceData8.7",
            "ServiceData8.8",
            "ServiceData8.9",
            "ServiceData8.10",
            "ServiceData8.11",
            "ServiceData8.12",
            "ServiceData8.13",
            "ServiceData8.14",
            "ServiceData8.15",
            "ServiceData8.16",
        ];
        const DATA16: [&str; 8] = [
            "ServiceData16.1",
            "ServiceData16.2",
            "ServiceData16.3",
            "ServiceData16.4",
            "ServiceData16.5",
            "ServiceData16.6",
            "ServiceData16.7",
            "ServiceData16.8",
        ];
        const DATA32: [&str; 4] =
            ["ServiceData32.1", "ServiceData32.2", "ServiceData32.3", "ServiceData32.4"];
        const DATA64: [&str; 2] = ["ServiceData64.1", "ServiceData64.2"];

        visit("ServiceID", Value::wide_hex(self.service_id, 16));
        visit("ServiceGID", self.service_gid.into());
        visit("ServiceP_Key", Value::hex(self.service_p_key.0));
        visit("ServiceLease", Value::hex(self.service_lease));
        secret(visit, "ServiceKey", self.service_key);
        visit("ServiceName", Value::Text(self.service_name.text()));
        DATA8.iter().zip(self.data8).for_each(|(name, data)| visit(name, Value::hex(data)));
        DATA16.iter().zip(self.data16).for_each(|(name, data)| visit(name, Value::hex(data)));
        DATA32.iter().zip(self.data32).for_each(|(name, data)| visit(name, Value::hex(data)));
        DATA64.iter().zip(self.data64).for_each(|(name, data)| visit(name, Value::wide_hex(data, 16)));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["ServiceID", "ServiceGID", "ServiceName"]
    }
}
