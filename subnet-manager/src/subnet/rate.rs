use ib_mad::Rate;
use ib_mad::wire::PortInfo;

/// Rate of a port's link: its width times its speed (IBTA volume 1, tables of PortInfo and of PathRecord).
///
/// `Rate(0)`, which stands for nothing, for a pair of width and speed that has no code.
pub fn rate(info: &PortInfo) -> Rate {
    // In 100 Mbit/s a lane, as the codes of path records count.
    let lane = match info.link_speed_ext_active {
        1 => 140,
        2 => 250,
        4 => 500,
        8 => 1000,
        _ => match info.link_speed_active {
            1 => 25,
            2 => 50,
            4 => 100,
            _ => 0,
        },
    };
    let lanes = match info.link_width_active {
        1 => 1,
        2 => 4,
        4 => 8,
        8 => 12,
        16 => 2,
        _ => 0,
    };
    let wanted = lane * lanes;
    (2..=24).map(Rate).find(|rate| rate.hundred_megabits() == Some(wanted)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_times_speed() {
        let of = |width, speed, extended| {
            let info = PortInfo {
                link_width_active: width,
                link_speed_active: speed,
                link_speed_ext_active: extended,
                ..PortInfo::default()
            };
            rate(&info).0
        };
        assert_eq!([of(1, 1, 0), of(2, 1, 0), of(2, 2, 0), of(2, 4, 0), of(8, 4, 0)], [2, 3, 6, 7, 10]);
        assert_eq!([of(2, 4, 1), of(2, 4, 2), of(2, 4, 4), of(16, 4, 8)], [12, 16, 17, 17]);
        assert_eq!([of(0, 1, 0), of(2, 0, 0)], [0, 0], "no such link");
    }
}
