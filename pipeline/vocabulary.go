package pipeline

import (
	"fmt"
	"strings"

	"kaishu/scoring"
)

// vocabulary is one language's words for what a night says in sentences to the people who work with
// it: reasons, why, say, next_step, contact, moved of the worklist, rule and advice of the reviews, what
// gates found and contacts taught; and names for codes where pages and screens show them. In tables and run.json
// names of columns, and values that programs look for, such as actions and blocks, are the same in every language:
// docs/configuration.md says what follows the language. english and japanese are the tables; nothing writes to them.
type vocabulary struct {
	phrases  [phrases]string // format strings with the arguments by number, so that languages may order them
	units    [counted][2]string
	weekdays [7]string // Sunday first
	names    map[string]string
	and      string    // between sentences
	percent  string    // after a number
	median   [2]string // before and after the median of all, beside a reason
}

// phrase is a sentence with gaps. The comment names its arguments.
type phrase int

const (
	// Reasons.
	pastDueFor       phrase = iota // days
	notDueYet                      //
	lateOften                      // late, of the last, usual
	lateNever                      // of the last, usual
	usuallyLate                    // days
	usuallyEarly                   // days
	usuallyOnTime                  //
	nowPastDue                     // lateness, days
	noRecordOverdue                // items
	noRecord                       //
	usesLimit                      // per cent
	itemsOverdue                   // items, overdue
	promisesBroken                 // broken, promises
	promisedBy                     // date
	disputing                      // money
	newCustomer                    //
	shortRecord                    // invoices
	largeAmount                    // money
	longTerms                      // days
	daysNotNear                    // pattern
	usualDaysNotNear               //
	notContacted                   //
	contactedAgo                   // days
	fewBankDays                    //
	outsideScore                   // score
	lateBy                         // days
	earlyBy                        // days
	onTheDay                       //
	paysMonthEnd                   //
	paysOnDay                      // ordinal, day
	paysOnWeekday                  // weekday

	// Rows of the worklist.
	whyCallBack    // date
	whyBroken      // date
	whyCoverage    // days
	whyLot         //
	whyAdds        // action, money, days, per cent, per cent, minutes
	underAMinute   //
	someMinutes    // minutes
	lastMissed     //
	lastsMissed    // attempts
	stepReview     // date
	stepAction     // action, date
	owed           // duty
	sayCallBack    //
	sayBroken      //
	sayDueSoon     // items
	sayOverlooked  //
	sayFirst       //
	sayAgain       //
	sayOften       // contacts
	sayResolve     // money
	sayUndisputed  // money
	sayAgency      //
	sayLegal       //
	sayMeeting     //
	sayInstalments // money, instalments, money of one
	sayTerms       //
	saidCash       //
	saidHardship   //
	saidAccident   //
	sayPart        // what was said
	sayDispute     //
	sayUnreachable //
	sayUnwilling   //
	sayReason      // reason
	sayOnAccount   // money
	sayLeftOut     // money
	sayReliable    //
	sayToPay       // way to pay
	movedNew       //
	movedLeftAlone // why
	movedDue       //
	movedDuty      // duty
	movedAction    // then, now
	movedMore      // money
	movedLess      // money
	movedNot       //
	movedSelf      // now, then
	movedOthers    //

	// Reviews: rules with their figures, then advice.
	ruleOldest       // days, money, limit
	ruleRisk         // per cent, limit
	ruleBroken       // promises, limit
	ruleGood         // settled, per cent delays, per cent used
	rulePrepay       // per cent, days
	ruleOld          // days, money
	ruleSaid         // reason
	ruleLateShare    // per cent, settled, limit
	ruleLoss         // money, limit
	ruleReminders    // reminders, days
	ruleStill        // days
	ruleHoldGone     //
	ruleNoneOlder    // days
	ruleEarly        // settled, days
	ruleAgreed       // date
	ruleAgreedMissed // date
	ruleAgreedCame   // date
	ruleKeep         // days, limit
	ruleNet          // offers, own
	ruleReached      // days
	ruleBelow        // days
	ruleUses         // per cent, was
	ruleWithinLimit  // per cent
	ruleGrade        // grade, was
	adviseLower      // from, to
	adviseRaise      // from, to
	advisePrepay     //
	advisePlan       // money, instalments
	adviseSecurity   //
	adviseHold       //
	adviseRelease    //
	adviseReward     //
	adviseProgress   // money
	adviseEnd        //
	adviseRestore    //
	adviseProgramme  // money, days
	adviseAgency     // agency
	adviseChanged    // date

	resourceOf // resource, people

	// Gates.
	foundRejects    // refused, rows, export, per cent, limit
	foundTie        // currencies
	foundRows       //
	foundNoRows     // export
	foundNothing    // export, date
	foundDue        // items, days, date
	foundNewest     // date
	foundNewestAge  // date, days
	foundUnapplied  // per cent
	foundNoBefore   //
	foundRowsNear   // date
	foundRowChange  // export, then, date, now
	foundOpenChange // money, date, money
	foundNone       //
	gateFound       // gate, result, what was found

	// What a run could not use or found odd.
	oddRows           // rows, what
	oddUnknownInvoice //
	oddCurrency       //
	oddTooMuch        //
	oddUnknownCredit  //
	oddUncovered      //
	oddUnknownDispute //
	oddLag            // column, key
	oddMisspelt       // export, column, other column
	listedIn          // what, file
	listedFaults      // faults, file
	pooledFew         // payments, needed
	pooledOther       //

	// What contacts of the past have taught.
	learnedBiased   //
	learnedContacts // lot, chosen, caveat, use
	learnedUnused   //
	learnedUsed     //
	placedOnRecord  // placements, caveat, use
	placedUnused    // key
	placedUsed      //
	placedUnknown   // agency, placements, key
	placedNet       // agency, placements, per cent, low, high, without
	lotLeft         // near, contacted, left alone
	heldArms        // date, worked, held out, rest
	heldAdds        // money, days, low, high
	heldMeasured    //
	heldNeeds       // what
	heldPayers      //
	heldMore        // number
	heldBoth        // one, other
	phrases
)

// unit is what is counted.
type unit int

const (
	unitDay unit = iota
	unitItem
	unitInvoice
	unitPromise
	unitReminder
	unitCurrency
	unitRefused // rows
	unitFault
	unitMoreDay // still to pass
	unitMonthEnd
	counted
)

// voc is the vocabulary of the night's language.
func (n *night) voc() *vocabulary {
	if n.cfg == nil {
		return &english
	}
	return vocabularyIn(n.cfg.Language)
}

// vocabularyIn is the vocabulary of a language as the configuration names it.
func vocabularyIn(language string) *vocabulary {
	if language == "ja" {
		return &japanese
	}
	return &english
}

// wordsIn are the words, of two sets, in the language of a vocabulary.
func wordsIn[T any](v *vocabulary, inEnglish, inJapanese *T) *T {
	if v == &japanese {
		return inJapanese
	}
	return inEnglish
}

// say fills the gaps of a phrase.
func (v *vocabulary) say(p phrase, args ...any) string {
	if len(args) == 0 {
		return v.phrases[p]
	}
	return fmt.Sprintf(v.phrases[p], args...)
}

// count is a number of things, such as "1 day" or "3 days".
func (v *vocabulary) count(n int32, u unit) string {
	form := v.units[u][1]
	if n == 1 {
		form = v.units[u][0]
	}
	return fmt.Sprintf(form, n)
}

// share is a probability or share with so many decimals of a per cent.
func (v *vocabulary) share(x float64, decimals int) string {
	return fmt.Sprintf("%.*f", decimals, 100*x) + v.percent
}

// perCent is a share to a tenth of a per cent; nothing for one that there is not.
func (v *vocabulary) perCent(x float64) string {
	if s := digits(100*x, 1); s != "" {
		return s + v.percent
	}
	return ""
}

// name is an action, duty, block or reason for arrears in the language; one that it has no word for, of
// the user's own, is written as it is, underscores as spaces.
func (v *vocabulary) name(code string) string {
	if word, ok := v.names[code]; ok {
		return word
	}
	return strings.ReplaceAll(code, "_", " ")
}

// code is a name of the configuration on a screen: itself in English, as scripts and --accept want it, a word in other languages.
func (v *vocabulary) code(code string) string {
	if v.names == nil {
		return code
	}
	return v.name(code)
}

// amount is money where the currency has been said, or goes without saying.
func (n *night) amount(v int64) string {
	if n.voc() == &japanese {
		return n.money(v)
	}
	return scoring.FormatAmount(v, n.currency)
}

// money is an amount of minor units with its currency.
func (n *night) money(v int64) string {
	amount := scoring.FormatAmount(v, n.currency)
	if n.voc() == &japanese && n.currency.String() == "JPY" {
		return amount + "円"
	}
	return amount + " " + n.currency.String()
}
