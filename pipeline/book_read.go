package pipeline

import "slices"

// reader decodes pages, one goroutine's.
type reader struct {
	*night
	rooms [2][]byte
	own   []customer
	list  []*customer

	wanted [pageSize]*customer
}

// page returns the customers of a page with what is known of them by now. They, and their texts, are the reader's
// until the next call, but where a night keeps its customers whole.
func (r *reader) page(i int) ([]*customer, error) {
	if r.kept != nil {
		from := i * pageSize
		return r.kept[from:min(from+pageSize, len(r.kept))], nil
	}
	r.prepare()
	list := r.list[:r.book.pages[i].count]
	return list, r.decode(i, list)
}

// prepare makes room for the customers of a page.
func (r *reader) prepare() {
	if r.own != nil {
		return
	}
	r.own = make([]customer, pageSize)
	for k := range r.own {
		r.list = append(r.list, &r.own[k])
	}
}

// some is page for some customers of one page, by their decisions.
func (r *reader) some(of []*decision) (list []*customer, err error) {
	if r.kept != nil {
		for _, d := range of {
			list = append(list, r.kept[d.at])
		}
		return list, nil
	}
	r.prepare()
	page := of[0].at / pageSize
	wanted := r.wanted[:r.book.pages[page].count]
	clear(wanted)
	for k, d := range of {
		wanted[d.at%pageSize] = r.list[k]
		list = append(list, r.list[k])
	}
	return list, r.decode(page, wanted)
}

// decode fills the customers that are asked for, nil where one is not.
func (r *reader) decode(i int, into []*customer) (err error) {
	p := &r.book.pages[i]
	var accounts, scores, entry []byte
	if accounts, r.rooms[0], err = r.book.get(&p.accounts, r.rooms[0]); err != nil {
		return err
	}
	if scores, r.rooms[1], err = r.book.get(&p.scores, r.rooms[1]); err != nil {
		return err
	}
	for k, c := range into {
		if entry, accounts, err = cut(accounts); err != nil {
			return err
		}
		if c != nil {
			if err := readEntry(entry, c); err != nil {
				return err
			}
			r.complete(c, i*pageSize+k)
		}
		if len(scores) == 0 {
			continue
		}
		if entry, scores, err = cut(scores); err != nil {
			return err
		}
		if c != nil {
			if err := r.readScore(entry, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// pick asks of every customer of a page whether it is wanted, by the number of its open items, and hands on the accounts of those
// that are, without what the model says of them. They are the reader's.
func (r *reader) pick(i int, wanted func(items int) bool, do func(c *customer)) error {
	r.prepare()
	c := &r.own[0]
	data, room, err := r.book.get(&r.book.pages[i].accounts, r.rooms[0])
	r.rooms[0] = room
	for err == nil && len(data) > 0 {
		var entry, counts []byte
		if entry, data, err = cut(data); err != nil {
			break
		}
		if _, counts, err = cut(entry); err != nil {
			break
		}
		var items uint64
		if _, err = numbers(counts, &items); err != nil || !wanted(int(items)) {
			continue
		}
		if err = readEntry(entry, c); err == nil {
			do(c)
		}
	}
	return err
}

// complete joins a decoded customer with what the night knows of it outside the book.
func (n *night) complete(c *customer, at int) {
	c.curves, c.items, c.reasons, c.options = nil, c.items[:0], c.reasons[:0], c.options[:0]
	c.group, c.decision = n.groupOf[c.Customer], nil
	if len(n.cases) > 0 {
		c.decision = n.cases[at]
	}
}

// customers is how many there are.
func (n *night) customers() int {
	if n.book == nil {
		return len(n.kept)
	}
	return n.book.count
}

// pages is how many pages they make.
func (n *night) pages() int { return (n.customers() + pageSize - 1) / pageSize }

// each goes over the customers in order of their ids; what do gets is its own until it returns.
func (n *night) each(do func(c *customer) error) error {
	r := reader{night: n}
	for i := range n.pages() {
		list, err := r.page(i)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := do(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// load decodes some customers to stay, in the order of their decisions.
func (n *night) load(of []*decision) ([]*customer, error) {
	out := make([]*customer, len(of))
	if n.kept != nil {
		for i, d := range of {
			out[i] = n.kept[d.at]
		}
		return out, nil
	}
	order := make([]int, len(of))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return of[a].at - of[b].at })
	for len(order) > 0 {
		page := of[order[0]].at / pageSize
		wanted := make([]*customer, n.book.pages[page].count)
		for len(order) > 0 && of[order[0]].at/pageSize == page {
			c := &wanted[of[order[0]].at%pageSize]
			if *c == nil {
				*c = &customer{}
			}
			out[order[0]], order = *c, order[1:]
		}
		r := reader{night: n} // of its own: the customers stay
		if err := r.decode(page, wanted); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// loaded is the customers that are decoded at once to stay for a while.
const loaded = 1024

// eachOf goes over some customers in the order of their decisions.
func (n *night) eachOf(list []*decision, do func(c *customer) error) error {
	for ; len(list) > 0; list = list[min(loaded, len(list)):] {
		some, err := n.load(list[:min(loaded, len(list))])
		if err != nil {
			return err
		}
		for _, c := range some {
			if err := do(c); err != nil {
				return err
			}
		}
	}
	return nil
}
