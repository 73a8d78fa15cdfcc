// Package rank decides which action goes to which account when people, letters and slots
// are scarce. It knows numbers only: no invoice, no file, no model.
//
// There are only a few types, in two groups. An Effect, laid over a day grid and combined
// with Money (whose Tail says what old debts still bring), makes a Kernel, which turns an
// item's cumulative payment hazard into the value the action adds. A Problem lists every
// account's options with their values and what they use of each resource; Solve, under
// Settings, returns a Plan: choices, prices of the resources, and a bound that says how far
// from the best possible plan it can be.
//
// The allocation is a multiple-choice knapsack with several resources. Solve works through
// its Lagrangian dual:
//
//  1. options that can never be chosen and capacities that can never bind are dropped;
//  2. prices per unit of resource are found by exact coordinate steps, on a sample first,
//     then on all accounts, and polished by subgradient steps;
//  3. at those prices every account has its own best option; they are accepted in order of
//     value per priced effort while they fit, then gaps are filled and choices upgraded;
//  4. in a book of up to 20,000 accounts, branch and bound goes on over the accounts nearest
//     to indifference, or over all still undecided where they are few, and exact knapsacks
//     of single resources lower the bound.
//
// What crosses accounts are sums and histograms of integers, so the plan is the same for
// any number of goroutines, and shards could make the sums and merge them. Steps 2 and 3
// need of the accounts only: per resource and price bin the amount that would be used, the
// pairs in the one critical bin, and per ratio bin the amounts used.
package rank
