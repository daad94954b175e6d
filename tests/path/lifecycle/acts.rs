//! What people may do about a request, and what comes of it: the rules alone, as in `model`.

use halligan_shared::{door::Door, justification::Severity, review::ReviewReason, statement::Verdict};

use super::{
    model::{Case, DENIAL, DRILL, Model, SIGNED, Stands, WAIT, WINDOW},
    steps::{CASES, DISPATCHERS, Step, Word, is_made_up, responder_of},
};

impl Model {
    /// Whether the rules allow a step, and what comes of it. Its time has passed.
    pub(super) fn take(&mut self, step: Step) -> bool {
        match step {
            Step::Pass(_) | Step::Until(..) => true,
            Step::Ask(case, severity) => self.ask(case, severity),
            Step::Cancel(case) => {
                let may = self.is_in(case) && self.cases[case].stands.is_on_its_way();
                self.becomes(case, may, Stands::Cancelled)
            }
            Step::Say(who, word) => self.sign(who, word) && self.send(who),
            Step::Sign(who, word) => self.sign(who, word),
            Step::Send(who) => self.send(who),
            Step::Alone(case) => self.alone(case),
            Step::Open(case) | Step::OpenTwice(case) => self.open(case),
            Step::End(who, case) => {
                let is_open = matches!(self.cases[case].stands, Stands::Open { .. });
                let may = !self.is_out[who] && is_open;
                if may {
                    self.cases[case].refused = Some(self.now);
                    self.cases[case].took_part |= 1 << who;
                    self.ends(case);
                }
                may
            }
            Step::Done(case) => {
                let owed = std::mem::take(&mut self.cases[case].owes_receipt);
                if owed {
                    self.ends(case);
                }
                owed
            }
            Step::SignOut(who) => {
                let may = !self.is_out[DISPATCHERS + who];
                if may {
                    self.stay_ends(who);
                }
                may
            }
            Step::KeepOut(who) => self.keep_out(who),
            Step::LetIn(who) => {
                self.is_out[who] = false;
                true
            }
            Step::Join(who) => {
                let may = !self.is_out[DISPATCHERS + who] && self.now >= self.drill[who];
                if may {
                    self.drill[who] = self.now + DRILL;
                }
                may
            }
            Step::Leave(who) => {
                let may = !self.is_out[DISPATCHERS + who];
                if may {
                    self.drill[who] = 0;
                }
                may
            }
            Step::Lock => {
                let may = !std::mem::replace(&mut self.is_locked, true);
                if may {
                    (0..CASES).for_each(|case| self.ends(case));
                }
                may
            }
            Step::Lift => std::mem::take(&mut self.is_locked),
            Step::Review(case) => self.close_review(case),
            Step::Told(goes_on, sent) => {
                // By the second in which it was signed: a signature says no more.
                self.told = Some((sent.map(|is_sent| goes_on && is_sent), self.now - self.now % 1_000));
                self.judge_all();
                true
            }
        }
    }

    const fn is_in(&self, case: usize) -> bool {
        !self.is_out[DISPATCHERS + responder_of(case)]
    }

    const fn becomes(&mut self, case: usize, may: bool, stands: Stands) -> bool {
        if may {
            self.cases[case].stands = stands;
        }
        may
    }

    /// A window ends, and that is written down.
    const fn ends(&mut self, case: usize) {
        if let Stands::Open { door, by, .. } = self.cases[case].stands {
            self.cases[case].stands = Stands::Over { door, by };
            self.cases[case].ended = Some(self.now);
        }
    }

    /// Whoever takes part in a drill asks for patients who are made up alone; nobody asks while a request of theirs is on its way.
    fn ask(&mut self, case: usize, severity: Severity) -> bool {
        let is_in_drill = self.now < self.drill[responder_of(case)];
        let may = self.is_in(case) && (is_made_up(case) || !is_in_drill) && !self.cases[case].stands.is_on_its_way();
        if may {
            let before = &self.cases[case];
            self.cases[case] = Case {
                stands: Stands::Nowhere,
                number: before.number + 1,
                severity,
                asked: self.now,
                refused: before.refused,
                denials: before.denials.clone(),
                took_part: 0,
                review: None,
                owes_receipt: false,
                is_missed: false,
                ended: None,
            };
            self.cases[case].stands = self.judged(case, Stands::Pending { by: 0, until: self.now + WAIT });
        }
        may
    }

    /// Whether a word may be said: approve or deny what waits, each dispatcher once; take back what is approved and not opened yet.
    fn may_say(&self, who: usize, case: usize, verdict: Verdict) -> bool {
        match (verdict, self.cases[case].stands) {
            (Verdict::Approve, Stands::Pending { by, .. }) => by & 1 << who == 0,
            (Verdict::Deny, Stands::Pending { .. }) | (Verdict::TakeBack, Stands::Approved { .. }) => true,
            _ => false,
        }
    }

    /// What was signed holds up nobody: it is judged anew when it is sent.
    fn sign(&mut self, who: usize, word: Word) -> bool {
        let may = !self.is_out[who]
            && match word {
                Word::One(case, verdict) => self.may_say(who, case, verdict),
                Word::Many(cases) => {
                    let mut cases = (0..CASES).filter(|case| cases & 1 << case != 0).peekable();
                    let kind = cases.peek().map(|case| is_made_up(*case));
                    cases.all(|case| Some(is_made_up(case)) == kind && self.may_say(who, case, Verdict::Approve))
                }
            };
        if may {
            self.signed[who] = Some((word, std::array::from_fn(|case| self.cases[case].number), self.now));
        }
        may
    }

    /// Of several by one signature each is judged by itself, and one at least has to wait still.
    fn send(&mut self, who: usize) -> bool {
        if self.is_out[who] {
            return false;
        }
        let Some((word, numbers, signed)) = self.signed[who].take() else { return false };
        let words = match word {
            Word::One(case, verdict) => vec![(case, verdict)],
            Word::Many(cases) => (0..CASES).filter(|case| cases & 1 << case != 0).map(|case| (case, Verdict::Approve)).collect(),
        };
        let mut is_any = false;
        for (case, verdict) in words {
            let is_the_one = numbers[case] == self.cases[case].number;
            if self.now < signed + SIGNED && is_the_one && self.may_say(who, case, verdict) {
                self.say(who, case, verdict);
                is_any = true;
            }
        }
        is_any
    }

    fn say(&mut self, who: usize, case: usize, verdict: Verdict) {
        self.cases[case].took_part |= 1 << who;
        let Case { stands, asked, .. } = self.cases[case];
        if let (Verdict::Approve, Stands::Pending { by, until }) = (verdict, stands) {
            self.cases[case].stands = self.judged(case, Stands::Pending { by: by | 1 << who, until });
        } else {
            self.cases[case].refused = Some(self.now);
            self.cases[case].denials.push((asked, self.now));
            self.cases[case].stands = Stands::Denied;
        }
    }

    /// Nobody answered, and the responder opens it alone. Every such opening is reviewed.
    fn alone(&mut self, case: usize) -> bool {
        let Stands::Pending { by, .. } = self.cases[case].stands else { return false };
        let may = self.is_in(case) && self.alone_at(case).is_some_and(|alone| self.now >= alone);
        if may {
            self.cases[case].stands = Stands::Approved { door: Door::Override, by, until: self.now + WAIT };
            self.review(case, Door::Override);
        }
        may
    }

    /// What is approved opens if its door holds still, and what is open opens again; in a lockdown nothing does.
    fn open(&mut self, case: usize) -> bool {
        if !self.is_in(case) {
            return false;
        }
        match self.cases[case].stands {
            // The key service goes by whole seconds: what is left of one at the end opens nothing again.
            Stands::Open { ends, .. } => {
                let may = self.now < ends - ends % 1_000;
                self.cases[case].owes_receipt |= may;
                may
            }
            stands @ Stands::Approved { .. } => match self.judged(case, stands) {
                Stands::Approved { .. } if self.is_locked => false,
                Stands::Approved { door, by, .. } => {
                    self.cases[case].stands = Stands::Open { door, by, ends: self.now + WINDOW };
                    self.cases[case].owes_receipt = true;
                    self.review(case, door);
                    true
                }
                waits => {
                    self.cases[case].stands = waits;
                    false
                }
            },
            _ => false,
        }
    }

    /// One review a request, whatever comes after: of what was opened alone, of what follows a denial, and of a sample of real patients.
    fn review(&mut self, case: usize, door: Door) {
        let Case { refused, asked, review: before, .. } = self.cases[case];
        let why = if refused.is_some_and(|refused| refused > asked - DENIAL) {
            Some(ReviewReason::AfterDenial)
        } else if door == Door::Override {
            Some(ReviewReason::Override)
        } else {
            (self.rules.all_reviewed && !is_made_up(case)).then_some(ReviewReason::Sample)
        };
        self.cases[case].review = before.or(why.map(|why| (why, false)));
    }

    /// Once the request is over and every page has said that it wiped the record, or is known never to. It changes nothing else.
    fn close_review(&mut self, case: usize) -> bool {
        let Case { stands, review, owes_receipt, is_missed, .. } = &mut self.cases[case];
        match review {
            Some((_, is_closed @ false)) if stands.until().is_none() && (!*owes_receipt || *is_missed) => {
                *is_closed = true;
                true
            }
            _ => false,
        }
    }

    /// What a dispatcher approved counts no more for what is not open yet. What a responder asked or opened ends.
    fn keep_out(&mut self, who: usize) -> bool {
        if std::mem::replace(&mut self.is_out[who], true) {
            return true;
        }
        for case in &mut self.cases {
            if let Stands::Pending { by, .. } | Stands::Approved { by, .. } = &mut case.stands {
                *by &= !(u8::from(who < DISPATCHERS) << who);
            }
        }
        self.judge_all();
        if let Some(responder) = who.checked_sub(DISPATCHERS) {
            self.drill[responder] = 0;
            self.stay_ends(responder);
        }
        true
    }

    fn stay_ends(&mut self, responder: usize) {
        for case in (0..CASES).filter(|case| responder_of(*case) == responder) {
            self.ends(case);
            self.becomes(case, self.cases[case].stands.is_on_its_way(), Stands::Cancelled);
        }
    }
}
