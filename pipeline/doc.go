// Package pipeline turns exports into a published night. Run, in run.go, is the whole flow:
//
//  1. open: find the files of every export and look at their headers
//  2. read: type the rows, refuse what cannot be read, route the rest to shards by customer
//  3. rebuild: one customer at a time, ledger, account and features as of the date
//  4. tie: control totals per currency and gates; a run that does not tie stops here
//  5. fit: the time-to-pay model on the customers' own past
//  6. score: probabilities, score, expected loss and reasons of every open account
//  7. value: what each action on each account would add, in one pass with 6
//  8. plan: which actions, within the capacity of the day
//  9. doubt: how much of the plan would stand if the effects of actions were half or twice as large
//  10. write: tables into a staging folder
//  11. publish: hash, sync, one rename
//
// Check ends after the gates and writes nothing; Backtest goes through 3, 5 and 6 for past month-ends
// and compares with what happened; a Desk goes through 3 to 8 on rows in memory, for whoever plays days
// forward; Explain and Verify read a published night.
//
// There are only a few types: Options is how a run is called, night is a run on its way through
// the stages, customer what is known of one from the ledger on, Result what a caller gets, and
// Refused the error of a gate. Reading works in lanes, one a worker; everything after it works on the customers in
// order of their ids, so that the result does not depend on shards, cores or files.
package pipeline
