// Package effect learns from contacts of the past what they do: by how much an action multiplies the
// rate of payment, and how often it comes through. It knows numbers only.
//
// Of agencies it compares what came of placements with what was expected (Recover).
//
// There are only a few types: a Seen is one contact and what followed, a Tally is the sum of many,
// of integers, so that tallies merge in any order to the same bytes; a Prior is what was believed
// before, an Estimate what is believed then, with its interval; a Placement is an account that was placed with an agency, a Recovery what that does.
//
// The model is that of the valuation (rank.Kernel): the items of a contacted account are paid at the rate
//
//	λ(t) = c·h(t)·(1 + (m-1)·w(t))
//
// h is the business-as-usual hazard of the item as of the day before the contact, w the part of the
// effect that is at work on day t (its shape g, less what fatigue and likely self-cure take off),
// m the multiplier looked for, c a correction of the base, 1 without accounts that were left
// alone by lot. With a Gamma(κ·m0, κ) prior and payments as a Poisson process the estimate solves
//
//	κ·m0/m + Σ_payments w/(1 + (m-1)·w) = κ + E,   E = Σ ∫ c·h·w dt while the item is open
//
// which for w = 1 is the closed form (κ·m0 + O) / (κ + E) of the conjugate pair (observed over
// expected). Payments that come while little of the effect is left count for little: counting them
// all against E would find 2 where the truth is 1 and w falls evenly.
//
// What is identified: a contact made by lot says what a contact adds to business as usual, since h is
// fitted on customers who were, as usual, contacted now and then. A contact that somebody chose to make
// says that and what made them choose it; the two cannot be told apart.
package effect
