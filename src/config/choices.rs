//! Choices that an option offers and that only the configuration knows.

/// Something that is on, off, or as the terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Switch {
    /// As the terminal is.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// How a person is called whose terminal is out of sight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// By a message where the terminal is known to show one, else by the bell.
    #[default]
    Auto,
    /// By the bell.
    Bell,
    /// By a message of the desktop (OSC 9).
    Osc9,
    /// Not at all.
    Off,
}

impl Notify {
    /// All of them, by their names in the file.
    pub const ALL: [(&str, Self); 4] = [
        ("auto", Self::Auto),
        ("bell", Self::Bell),
        ("osc9", Self::Osc9),
        ("off", Self::Off),
    ];
}

impl Switch {
    /// Says whether it is on where the terminal speaks for it, or against it.
    pub fn is_on(self, auto: bool) -> bool {
        match self {
            Self::Auto => auto,
            Self::On => true,
            Self::Off => false,
        }
    }
}
