//! High-alert medicines: those that harm quickly when a responder does not know of them.
//!
//! The idea and the classes follow the lists of the Institute for Safe Medication Practices (ISMP, high-alert
//! medications in acute care and in community settings): antithrombotics, medicines that can cause hypoglycaemia,
//! opioids, antiarrhythmics and digoxin, immunosuppressants, cancer medicines. Left out with reason: metformin and
//! other medicines that do not lower glucose too far by themselves, hormonal cancer medicines (ISMP leaves both out),
//! and beta blockers, which ISMP lists only for injection. A mark that stands on every second summary marks nothing.
//!
//! Guarantees nothing about a medicine that is *not* marked: the page must never say "no high-alert medicines".

use super::node::Node;
use Class::{Antiarrhythmic, Anticoagulant, Antiplatelet, CancerMedicine, GlucoseLowering, Immunosuppressant, Opioid};

/// A high-alert medicine's class, and how it was recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HighAlert {
    /// The class.
    pub class: Class,
    /// What gave it away.
    pub source: Source,
}

/// Classes of high-alert medicines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is the class of that name")]
pub enum Class {
    Anticoagulant,
    Antiplatelet,
    GlucoseLowering,
    Opioid,
    Antiarrhythmic,
    Immunosuppressant,
    CancerMedicine,
}

/// What a medicine was recognised by, from the surest to the least sure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Its code in the Anatomical Therapeutic Chemical classification.
    Atc,
    /// Its ingredient's code in `RxNorm`.
    RxNorm,
    /// Its substance's code in SNOMED CT.
    SnomedCt,
    /// A word of its name.
    Name,
}

impl Class {
    /// The words to show.
    pub fn words(self) -> &'static str {
        match self {
            Self::Anticoagulant => "Anticoagulant",
            Self::Antiplatelet => "Antiplatelet",
            Self::GlucoseLowering => "Lowers blood glucose",
            Self::Opioid => "Opioid",
            Self::Antiarrhythmic => "Antiarrhythmic",
            Self::Immunosuppressant => "Immunosuppressant",
            Self::CancerMedicine => "Cancer medicine",
        }
    }
}

/// Prefixes of ATC codes (WHO Collaborating Centre for Drug Statistics Methodology, ATC index). The first that fits.
const ATC: &[(&str, Class)] = &[
    ("B01AC", Antiplatelet),      // platelet aggregation inhibitors
    ("B01A", Anticoagulant),      // the other antithrombotics
    ("A10A", GlucoseLowering),    // insulins
    ("A10BB", GlucoseLowering),   // sulfonylureas
    ("A10BD", GlucoseLowering),   // combinations, many with a sulfonylurea
    ("A10BX02", GlucoseLowering), // repaglinide
    ("A10BX03", GlucoseLowering), // nateglinide
    ("N02A", Opioid),             // opioid analgesics
    ("N07BC", Opioid),            // medicines in opioid dependence: methadone, buprenorphine
    ("C01B", Antiarrhythmic),     // antiarrhythmics, classes I and III
    ("C01AA", Antiarrhythmic),    // digitalis glycosides
    ("C07AA07", Antiarrhythmic),  // sotalol
    ("L04", Immunosuppressant),
    ("L01", CancerMedicine),
];

/// Ingredients in `RxNorm` (US National Library of Medicine, term type IN).
const RXNORM: &[(&str, Class)] = &[
    ("11289", Anticoagulant),     // warfarin
    ("1364430", Anticoagulant),   // apixaban
    ("1114195", Anticoagulant),   // rivaroxaban
    ("5224", Anticoagulant),      // heparin
    ("67108", Anticoagulant),     // enoxaparin
    ("32968", Antiplatelet),      // clopidogrel
    ("274783", GlucoseLowering),  // insulin glargine
    ("86009", GlucoseLowering),   // insulin lispro
    ("51428", GlucoseLowering),   // insulin aspart
    ("4821", GlucoseLowering),    // glipizide
    ("4815", GlucoseLowering),    // glyburide
    ("25789", GlucoseLowering),   // glimepiride
    ("7052", Opioid),             // morphine
    ("7804", Opioid),             // oxycodone
    ("4337", Opioid),             // fentanyl
    ("6813", Opioid),             // methadone
    ("3407", Antiarrhythmic),     // digoxin
    ("703", Antiarrhythmic),      // amiodarone
    ("4441", Antiarrhythmic),     // flecainide
    ("6851", Immunosuppressant),  // methotrexate
    ("42316", Immunosuppressant), // tacrolimus
    ("3008", Immunosuppressant),  // cyclosporine
];

/// Substances in SNOMED CT.
const SNOMED: &[(&str, Class)] = &[
    ("372756006", Anticoagulant),     // warfarin
    ("698090000", Anticoagulant),     // apixaban
    ("372877000", Anticoagulant),     // heparin
    ("67866001", GlucoseLowering),    // insulin
    ("373529000", Opioid),            // morphine
    ("373492002", Opioid),            // fentanyl
    ("387461009", Antiarrhythmic),    // digoxin
    ("372821002", Antiarrhythmic),    // amiodarone
    ("387381009", Immunosuppressant), // methotrexate
];

/// Beginnings of words, or with `-` in front their ends, in lower case without accents: international nonproprietary
/// names and their stems (WHO, "The use of stems in the selection of INN"), and the commonest brands. The first that fits.
const WORDS: &[(&str, Class)] = &[
    ("-xaban", Anticoagulant),
    ("warfarin", Anticoagulant),
    ("coumadin", Anticoagulant),
    ("marcumar", Anticoagulant),
    ("phenprocoumon", Anticoagulant),
    ("acenocoumarol", Anticoagulant),
    ("heparin", Anticoagulant),
    ("-parin", Anticoagulant),
    ("fondaparinux", Anticoagulant),
    ("dabigatran", Anticoagulant),
    ("-gatroban", Anticoagulant),
    ("bivalirudin", Anticoagulant),
    ("eliquis", Anticoagulant),
    ("xarelto", Anticoagulant),
    ("pradaxa", Anticoagulant),
    ("lixiana", Anticoagulant),
    ("-grel", Antiplatelet),
    ("-grelor", Antiplatelet),
    ("plavix", Antiplatelet),
    ("brilique", Antiplatelet),
    ("insulin", GlucoseLowering),
    ("gliclazid", GlucoseLowering),
    ("glimepirid", GlucoseLowering),
    ("glipizid", GlucoseLowering),
    ("glibenclamid", GlucoseLowering),
    ("glyburid", GlucoseLowering),
    ("repaglinid", GlucoseLowering),
    ("nateglinid", GlucoseLowering),
    ("lantus", GlucoseLowering),
    ("humalog", GlucoseLowering),
    ("humulin", GlucoseLowering),
    ("novorapid", GlucoseLowering),
    ("novolog", GlucoseLowering),
    ("tresiba", GlucoseLowering),
    ("toujeo", GlucoseLowering),
    ("levemir", GlucoseLowering),
    ("morphin", Opioid),
    ("morfin", Opioid),
    ("oxycodon", Opioid),
    ("hydrocodon", Opioid),
    ("hydromorphon", Opioid),
    ("codein", Opioid),
    ("dihydrocodein", Opioid),
    ("fentanyl", Opioid),
    ("methadon", Opioid),
    ("buprenorphin", Opioid),
    ("tramadol", Opioid),
    ("tapentadol", Opioid),
    ("pethidin", Opioid),
    ("amiodaron", Antiarrhythmic),
    ("dronedaron", Antiarrhythmic),
    ("flecainid", Antiarrhythmic),
    ("propafenon", Antiarrhythmic),
    ("sotalol", Antiarrhythmic),
    ("dofetilid", Antiarrhythmic),
    ("quinidin", Antiarrhythmic),
    ("disopyramid", Antiarrhythmic),
    ("digoxin", Antiarrhythmic),
    ("digitoxin", Antiarrhythmic),
    ("lanoxin", Antiarrhythmic),
    ("-limus", Immunosuppressant),
    ("ciclosporin", Immunosuppressant),
    ("cyclosporin", Immunosuppressant),
    ("azathioprin", Immunosuppressant),
    ("mycophenol", Immunosuppressant),
    ("methotrexat", Immunosuppressant),
    ("-citinib", Immunosuppressant),
    ("-tinib", CancerMedicine),
    ("-platin", CancerMedicine),
    ("-rubicin", CancerMedicine),
    ("vincristin", CancerMedicine),
    ("capecitabin", CancerMedicine),
    ("fluorouracil", CancerMedicine),
    ("cyclophosphamid", CancerMedicine),
    ("mercaptopurin", CancerMedicine),
    ("hydroxyurea", CancerMedicine),
    ("hydroxycarbamid", CancerMedicine),
    ("temozolomid", CancerMedicine),
    ("-taxel", CancerMedicine),
];

/// Recognises a medicine by the codes of its concepts, else by the words of its name and of their displays.
pub(super) fn recognise(concepts: &[Node<'_>], name: &str) -> Option<HighAlert> {
    let codings = || concepts.iter().flat_map(|concept| concept.each("coding"));
    codings().find_map(by_code).or_else(|| {
        let displays = codings().filter_map(|coding| coding.raw("display"));
        let texts = concepts.iter().filter_map(|concept| concept.raw("text"));
        let class = displays.chain(texts).chain([name]).find_map(by_name)?;
        Some(HighAlert { class, source: Source::Name })
    })
}

fn by_code(coding: Node<'_>) -> Option<HighAlert> {
    let code = coding.raw("code")?;
    let (table, source) = match coding.raw("system")? {
        "http://www.whocc.no/atc" => (ATC, Source::Atc),
        "http://www.nlm.nih.gov/research/umls/rxnorm" => (RXNORM, Source::RxNorm),
        "http://snomed.info/sct" => (SNOMED, Source::SnomedCt),
        _ => return None,
    };
    // ATC is a tree whose codes begin with those of their branches; the others are bare numbers.
    let fits = |row: &&(&str, Class)| if source == Source::Atc { code.starts_with(row.0) } else { code == row.0 };
    table.iter().find(fits).map(|row| HighAlert { class: row.1, source })
}

/// Looks at the first characters only: a name is not a page.
fn by_name(name: &str) -> Option<Class> {
    let folded: String = name.chars().take(200).map(folded).collect();
    folded.split(|c: char| c.is_ascii() && !c.is_ascii_alphabetic()).find_map(|word| {
        let fits = |row: &&(&str, Class)| match row.0.strip_prefix('-') {
            // Romance languages add a vowel to the stem: enoxaparina, enoxaparine.
            Some(end) => word.trim_end_matches(['a', 'e', 'o']).ends_with(end),
            None => word.starts_with(row.0),
        };
        WORDS.iter().find(fits).map(|row| row.1)
    })
}

/// Lower case without accent, for the letters that names of medicines are written with. Unicode's own lower case would
/// cost the browser a table of several kilobytes.
fn folded(character: char) -> char {
    match character {
        'á' | 'à' | 'â' | 'Á' | 'À' | 'Â' => 'a',
        'é' | 'è' | 'ê' | 'É' | 'È' | 'Ê' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => 'i',
        'ó' | 'ò' | 'ô' | 'Ó' | 'Ò' | 'Ô' => 'o',
        'ú' | 'ù' | 'û' | 'Ú' | 'Ù' | 'Û' => 'u',
        other => other.to_ascii_lowercase(),
    }
}
