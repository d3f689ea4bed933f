//! The standard words of CBV 2.0 and the forms in which they may be written.

/// A list of standard words, and the places in which they live as URIs.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// What the word says, for messages: `business step`.
    pub(crate) name: &'static str,
    /// Web URI up to the word.
    pub(crate) web: &'static str,
    /// URN up to the word, where the vocabulary has one.
    pub(crate) urn: Option<&'static str>,
    /// The words, sorted.
    pub(crate) words: &'static [&'static str],
}

/// How a value of a vocabulary was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term<'a> {
    /// A standard word in any of its forms.
    Word(&'static str),
    /// A URI of somebody else.
    Custom(&'a str),
    /// Neither.
    Unknown,
}

impl Vocabulary {
    /// Recognises a value whose prefix, if any, is written out.
    pub(crate) fn term<'a>(&self, text: &'a str) -> Term<'a> {
        let prefixes = [Some(self.web), self.urn];
        let standard = prefixes.iter().flatten().find_map(|prefix| text.strip_prefix(*prefix));
        if let Some(word) = standard.or_else(|| (!text.contains(':')).then_some(text)) {
            return match self.words.binary_search(&word) {
                Ok(at) => Term::Word(self.words[at]),
                // The measurement types share their namespace with all of GS1's words.
                Err(_) if standard.is_some() && self.urn.is_none() => Term::Custom(text),
                Err(_) => Term::Unknown,
            };
        }
        if crate::uri::is_uri(text) { Term::Custom(text) } else { Term::Unknown }
    }

    /// The standard word, or the URI as it is.
    pub(crate) fn short(&self, text: &str) -> String {
        match self.term(text) {
            Term::Word(word) => word.to_owned(),
            _ => text.to_owned(),
        }
    }
}

/// `bizStep`.
pub(crate) const BIZ_STEP: Vocabulary = Vocabulary {
    name: "business step",
    web: "https://ref.gs1.org/cbv/BizStep-",
    urn: Some("urn:epcglobal:cbv:bizstep:"),
    words: &[
        "accepting",
        "arriving",
        "assembling",
        "collecting",
        "commissioning",
        "consigning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "departing",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "holding",
        "inspecting",
        "installing",
        "killing",
        "loading",
        "other",
        "packing",
        "picking",
        "receiving",
        "removing",
        "repackaging",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "shipping",
        "staging_outbound",
        "stock_taking",
        "stocking",
        "storing",
        "transporting",
        "unloading",
        "unpacking",
        "void_shipping",
    ],
};

/// `disposition` and `persistentDisposition`.
pub(crate) const DISPOSITION: Vocabulary = Vocabulary {
    name: "disposition",
    web: "https://ref.gs1.org/cbv/Disp-",
    urn: Some("urn:epcglobal:cbv:disp:"),
    words: &[
        "active",
        "available",
        "completeness_inferred",
        "completeness_verified",
        "conformant",
        "container_closed",
        "container_open",
        "damaged",
        "destroyed",
        "dispensed",
        "disposed",
        "encoded",
        "expired",
        "in_progress",
        "in_transit",
        "inactive",
        "mismatch_class",
        "mismatch_instance",
        "mismatch_quantity",
        "needs_replacement",
        "no_pedigree_match",
        "non_conformant",
        "non_sellable_other",
        "partially_dispensed",
        "recalled",
        "reserved",
        "retail_sold",
        "returned",
        "sellable_accessible",
        "sellable_not_accessible",
        "stolen",
        "unavailable",
        "unknown",
    ],
};

/// `bizTransactionList[].type`.
pub(crate) const BIZ_TRANSACTION_TYPE: Vocabulary = Vocabulary {
    name: "business transaction type",
    web: "https://ref.gs1.org/cbv/BTT-",
    urn: Some("urn:epcglobal:cbv:btt:"),
    words: &[
        "bol",
        "cert",
        "desadv",
        "inv",
        "pedigree",
        "po",
        "poc",
        "prodorder",
        "recadv",
        "rma",
        "testprd",
        "testres",
        "upevt",
    ],
};

/// `sourceList[].type` and `destinationList[].type`.
pub(crate) const SOURCE_DESTINATION_TYPE: Vocabulary = Vocabulary {
    name: "source or destination type",
    web: "https://ref.gs1.org/cbv/SDT-",
    urn: Some("urn:epcglobal:cbv:sdt:"),
    words: &["location", "owning_party", "possessing_party"],
};

/// `errorDeclaration.reason`.
pub(crate) const ERROR_REASON: Vocabulary = Vocabulary {
    name: "error reason",
    web: "https://ref.gs1.org/cbv/ER-",
    urn: Some("urn:epcglobal:cbv:er:"),
    words: &["did_not_occur", "incorrect_data"],
};

/// `sensorReport[].component`.
pub(crate) const COMPONENT: Vocabulary = Vocabulary {
    name: "component",
    web: "https://ref.gs1.org/cbv/Comp-",
    urn: Some("urn:epcglobal:cbv:comp:"),
    words: &[
        "altitude",
        "axial_distance",
        "azimuth",
        "easting",
        "elevation_angle",
        "height",
        "latitude",
        "longitude",
        "northing",
        "polar_angle",
        "spherical_radius",
        "x",
        "y",
        "z",
    ],
};

/// `sensorReport[].exception`.
pub(crate) const SENSOR_ALERT: Vocabulary = Vocabulary {
    name: "sensor alert type",
    web: "https://gs1.org/voc/",
    urn: None,
    words: &["ALARM_CONDITION", "ERROR_CONDITION"],
};

/// `sensorReport[].type`.
pub(crate) const MEASUREMENT: Vocabulary = Vocabulary {
    name: "measurement type",
    web: "https://gs1.org/voc/",
    urn: None,
    words: &[
        "AbsoluteHumidity",
        "AbsorbedDose",
        "AbsorbedDoseRate",
        "Acceleration",
        "Altitude",
        "AmountOfSubstance",
        "AmountOfSubstancePerUnitVolume",
        "Angle",
        "AngularAcceleration",
        "AngularMomentum",
        "AngularVelocity",
        "Area",
        "Capacitance",
        "Conductance",
        "Conductivity",
        "Count",
        "Density",
        "Dimensionless",
        "DoseEquivalent",
        "DoseEquivalentRate",
        "DynamicViscosity",
        "ElectricCharge",
        "ElectricCurrent",
        "ElectricCurrentDensity",
        "ElectricFieldStrength",
        "Energy",
        "Exposure",
        "Force",
        "Frequency",
        "Illuminance",
        "Inductance",
        "Irradiance",
        "KinematicViscosity",
        "Length",
        "LinearMomentum",
        "Luminance",
        "LuminousFlux",
        "LuminousIntensity",
        "MagneticFlux",
        "MagneticFluxDensity",
        "MagneticVectorPotential",
        "Mass",
        "MassConcentration",
        "MassFlowRate",
        "MassPerAreaTime",
        "MemoryCapacity",
        "MolalityOfSolute",
        "MolarEnergy",
        "MolarMass",
        "MolarVolume",
        "Power",
        "Pressure",
        "RadiantFlux",
        "RadiantIntensity",
        "Radioactivity",
        "RelativeHumidity",
        "Resistance",
        "Resistivity",
        "SolidAngle",
        "SpecificVolume",
        "Speed",
        "SurfaceDensity",
        "SurfaceTension",
        "Temperature",
        "Time",
        "Torque",
        "Voltage",
        "Volume",
        "VolumeFlowRate",
        "VolumeFraction",
        "VolumetricFlux",
        "Wavenumber",
    ],
};
