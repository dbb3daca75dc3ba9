//! What the scan looks for.

/// A kind of value that says something about a person, or (`Bin`) about an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Individual identification number (ЖСН, ИИН) of a person.
    Iin,
    /// Business identification number (БСН, БИН) of an organisation: no personal data.
    Bin,
    /// Telephone number of Kazakhstan.
    Phone,
    /// Address of electronic mail.
    Email,
    /// Name of a person: with a patronymic, with initials, or surname and given name.
    FullName,
    /// Address with the number of a flat.
    FlatAddress,
    /// Number of a bank card.
    BankCard,
    /// Bank account of Kazakhstan (ЖСК, ИИК).
    Iban,
}

/// What a kind means for the table that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Tells who the person is, or is a secret of the bank by itself (order 111, paragraph 2, 6): restricts alone.
    Identifies,
    /// Leads to somebody: to a person if the table also says to whom, else as a rule to an organisation,
    /// whose contacts are officially published.
    Contact,
    /// Shown, but restricts nothing.
    Information,
}

impl Kind {
    /// All kinds, in the order in which they are reported.
    pub const ALL: [Self; 8] = [
        Self::Iin,
        Self::Bin,
        Self::Phone,
        Self::Email,
        Self::FullName,
        Self::FlatAddress,
        Self::BankCard,
        Self::Iban,
    ];

    /// The code of the rule in reports, such as `flat_address`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Iin => "iin",
            Self::Bin => "bin",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::FullName => "full_name",
            Self::FlatAddress => "flat_address",
            Self::BankCard => "bank_card",
            Self::Iban => "iban",
        }
    }

    /// What it is called in Kazakh.
    #[must_use]
    pub const fn name_kk(self) -> &'static str {
        match self {
            Self::Iin => "Жеке сәйкестендіру нөмірі (ЖСН)",
            Self::Bin => "Бизнес-сәйкестендіру нөмірі (БСН)",
            Self::Phone => "Телефон нөмірі",
            Self::Email => "Электрондық пошта мекенжайы",
            Self::FullName => "Адамның тегі, аты, әкесінің аты",
            Self::FlatAddress => "Пәтері көрсетілген мекенжай",
            Self::BankCard => "Банк картасының нөмірі",
            Self::Iban => "Банк шотының нөмірі (ЖСК)",
        }
    }

    /// What it is called in Russian.
    #[must_use]
    pub const fn name_ru(self) -> &'static str {
        match self {
            Self::Iin => "Индивидуальный идентификационный номер (ИИН)",
            Self::Bin => "Бизнес-идентификационный номер (БИН)",
            Self::Phone => "Номер телефона",
            Self::Email => "Адрес электронной почты",
            Self::FullName => "Фамилия, имя, отчество человека",
            Self::FlatAddress => "Адрес с номером квартиры",
            Self::BankCard => "Номер банковской карты",
            Self::Iban => "Номер банковского счёта (ИИК)",
        }
    }

    /// What it means for its table.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Iin | Self::FullName | Self::BankCard | Self::Iban => Role::Identifies,
            Self::Phone | Self::Email | Self::FlatAddress => Role::Contact,
            Self::Bin => Role::Information,
        }
    }

    /// Whether it is personal data when a person stands behind it: all but the number of an organisation.
    #[must_use]
    pub const fn is_personal(self) -> bool {
        !matches!(self.role(), Role::Information)
    }
}
