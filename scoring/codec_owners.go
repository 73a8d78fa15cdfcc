package scoring

// Customers are found by their ids or, of rows in forms, by the numbers of those within their patterns, without putting
// the ids together. Both are tables with open addressing, at most half full.

// find is the index of a customer, who is new when not known yet, -1 when the hash is not the customer's.
func (r *RowReader) find(hash uint32, id string) int {
	mask := uint32(len(r.slots) - 1)
	at := hash & mask
	for ; r.slots[at] != 0; at = (at + 1) & mask {
		if slot := r.slots[at]; uint32(slot>>32) == hash {
			if at := int(uint32(slot)) - 1; r.customers[at].id == id {
				return at
			}
		}
	}
	if rowHash(CustomerHash(id)) != hash {
		return -1
	}
	r.customers = append(r.customers, customerRows{id: id, hash: hash})
	r.slots[at] = uint64(hash)<<32 | uint64(len(r.customers))
	if len(r.customers)*2 > len(r.slots) {
		r.grow()
	}
	return len(r.customers) - 1
}

// grow doubles the tables of customers.
func (r *RowReader) grow() {
	r.slots, r.numbered = make([]uint64, 2*len(r.slots)), make([]uint32, 2*len(r.slots))
	mask := uint32(len(r.slots) - 1)
	for i := range r.customers {
		c := &r.customers[i]
		at := c.hash & mask
		for r.slots[at] != 0 {
			at = (at + 1) & mask
		}
		r.slots[at] = uint64(c.hash)<<32 | uint64(i+1)
		if c.pattern != nil {
			at := numberSlot(c.pattern, c.number)
			for r.numbered[at&mask] != 0 {
				at++
			}
			r.numbered[at&mask] = uint32(i + 1)
		}
	}
}

// numberSlot is where a customer is looked for first, before it is cut to the size of the table.
func numberSlot(p *pattern, number uint64) uint32 {
	return uint32((number ^ p.hash) * hashFactor >> 32)
}

// ownerOf is the index of the customer of the row in a form at start, -1 when it has none.
func (r *RowReader) ownerOf(b []byte, start int, f *form) int {
	p := f.pattern[fieldCustomer]
	if p == nil {
		id, _ := r.forms.customer(b, start, f)
		return r.findText(id)
	}
	number := f.number(b, start, fieldCustomer)
	mask := uint32(len(r.numbered) - 1)
	for at := numberSlot(p, number); ; at++ {
		owner := int(r.numbered[at&mask]) - 1
		if owner < 0 {
			return r.newOwner(b, start, f, number)
		}
		if c := &r.customers[owner]; c.number == number && (c.pattern == p || c.pattern.template == p.template) {
			return owner
		}
	}
}

// newOwner is ownerOf for a customer whose number was not met before.
func (r *RowReader) newOwner(b []byte, start int, f *form, number uint64) int {
	id, ok := r.forms.customer(b, start, f)
	if !ok {
		return -1
	}
	owner := r.findText(id) // who may have other rows by itself
	p := f.pattern[fieldCustomer]
	r.customers[owner].pattern, r.customers[owner].number = p, number
	mask := uint32(len(r.numbered) - 1)
	at := numberSlot(p, number)
	for r.numbered[at&mask] != 0 {
		at++
	}
	r.numbered[at&mask] = uint32(owner + 1)
	return owner
}

// findText is find of an id whose hash is not known.
func (r *RowReader) findText(id string) int { return r.find(rowHash(CustomerHash(id)), id) }
