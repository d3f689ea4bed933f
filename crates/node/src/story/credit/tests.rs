//! The story on a chain in memory.

use std::collections::BTreeMap;

use alloy_signer_local::PrivateKeySigner;
use qiao_api::{
    collateral::{
        checking::{Light, Wanted, check},
        evaluating::EvaluatorDesk,
    },
    finance::{credit, exposure, loans, names::Names, vouchers},
};
use qiao_devchain::DevChain;
use qiao_oprf::Evaluator;
use qiao_sample::credit::CreditRole;
use qiao_types::{
    B256, Genesis, GenesisMember, GenesisOrganisation, Parameters, RoleName, StateCommitment,
};

use super::*;

const URL: &str = "http://127.0.0.1:8080";

fn account(place: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(format!("creditor {place}"))).unwrap()
}

fn genesis() -> Genesis {
    let organisations = credit_parties().iter().enumerate().map(|(place, party)| {
        let is_office = party.role == CreditRole::Regulator;
        let role = if is_office { RoleName::Regulator } else { RoleName::Signer };
        let address = account(place).address();
        GenesisOrganisation {
            id: place as u64 + 1,
            name: party.name.to_owned(),
            gln: None,
            accounts: vec![GenesisMember { address, roles: vec![RoleName::Admin, role] }],
        }
    });
    Genesis {
        chain_id: 7,
        name: "credit".to_owned(),
        timestamp_ms: now_ms(),
        parameters: Parameters::default(),
        organisations: organisations.collect(),
        validators: Vec::new(),
        accounts: BTreeMap::new(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_is_told_once_and_ends_where_the_walk_begins() {
    let hosted = (1..credit_parties().len()).map(account).collect();
    let chain = DevChain::start_hosting(genesis(), Some(account(0)), hosted).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let secrets = vec![Evaluator::fresh().unwrap(), Evaluator::fresh().unwrap()];
    chain.evaluate_with(
        EvaluatorDesk::open(secrets, 1_000, &folder.path().join("evaluations.log")).unwrap(),
    );
    let chain: Arc<dyn Chain> = chain;
    let report = tell(Arc::clone(&chain), URL).await.unwrap().expect("it is told");
    let told = (report.vouchers, report.passed, report.financed, report.loans);
    assert_eq!(told, (3, 3, 2, 1));
    assert!(report.refused.starts_with("position."), "{}", report.refused);
    assert!(tell(Arc::clone(&chain), URL).await.unwrap().is_none(), "it is told once");

    let names = Names::load(&*chain).await.unwrap();
    let number = |place: usize| place as u64 + 1;
    let open = credit::requests_of(&*chain, &names, number(place::CASTINGS)).await.unwrap();
    assert_eq!((open[0].state, open[0].bids.len()), ("open", 2));
    let to_pay = credit::sales(&*chain, &names, "buyer", number(place::RIVER_BANK)).await.unwrap();
    assert!(to_pay[0].accepted);
    let held = vouchers::wallet(&*chain, &names, number(place::HILL_BANK)).await.unwrap();
    assert_eq!(held[0].amount, 6_000_000);
    let lent = loans::loans_of(&*chain, &names, number(place::BEARINGS)).await.unwrap();
    assert_eq!((lent[0].state, lent[0].principal), ("running", 22_000_000));
    let schedule = loans::schedule(&*chain, lent[0].loan).await.unwrap();
    assert_eq!(schedule[0].amount, 24_000_000);
    let repaid = loans::repaid(&*chain, lent[0].loan).await.unwrap();
    assert_eq!((repaid[0].interest, repaid[0].principal), (0, 2_000_000));
    let fees = loans::fees(&*chain, &lent[0]).await.unwrap();
    assert_eq!(fees, 2_000 + 15_000, "what the bank published, and the borrower paid");
    let tiers = exposure::breakdown(&*chain, &names, number(place::MAKER), "CNY").await.unwrap();
    let tiers: Vec<&str> = tiers.tiers.iter().map(|tier| tier.name.as_str()).collect();
    assert_eq!(tiers, ["tier 1", "tier 2", "tier 3", "tier 4"]);

    // A newcomer's private check finds what was registered, in another spelling; an open key does not.
    let wanted = Wanted {
        kind: "customs_declaration".to_owned(),
        identity: [("number".to_owned(), "5301-2026-0000-123456".to_owned())].into(),
        amount: 0,
        currency: None,
    };
    let (appointment, checks) = check(&chain, std::slice::from_ref(&wanted), true).await.unwrap();
    assert_eq!((appointment, checks[0].light), (1, Light::Green));
    assert_eq!(checks[0].left, Some(DECLARATION_VALUE - DECLARATION_FINANCED));
    let (_, open) = check(&chain, &[wanted], false).await.unwrap();
    assert_eq!(open[0].light, Light::Grey, "nobody finds it by guessing");
}
