package boost

import "fmt"

// Node is a node of a Tree: a leaf where Left is 0, else a question. A value goes to Left if it is
// at most Threshold, else to Right; a missing one as MissingLeft says.
type Node struct {
	Column      int     `json:"column,omitempty"` // index into hazard.Columns
	Threshold   float64 `json:"threshold,omitempty"`
	MissingLeft bool    `json:"missing_left,omitempty"`
	Left        int32   `json:"left,omitempty"`
	Right       int32   `json:"right,omitempty"`
	Value       float64 `json:"value,omitempty"` // of a leaf: log hazard
	Rows        int     `json:"rows"`            // training rows that came here
}

// Tree is a binary tree. Nodes[0] is the root; a node stands before its branches.
type Tree struct {
	Nodes []Node `json:"nodes"`
}

// at is the value of the leaf of a row.
func (t *Tree) at(values []float64) float64 {
	n := &t.Nodes[0]
	for n.Left != 0 {
		if n.left(values[n.Column]) {
			n = &t.Nodes[n.Left]
		} else {
			n = &t.Nodes[n.Right]
		}
	}
	return n.Value
}

// left tells where a value goes.
func (n *Node) left(x float64) bool { return x <= n.Threshold || x != x && n.MissingLeft }

// binned is at for a row of a matrix.
func (t *Tree) binned(m *matrix, row []uint8) float64 {
	n := &t.Nodes[0]
	for n.Left != 0 {
		b := row[n.Column]
		if b == 0 && n.MissingLeft || b > 0 && (int(b) <= len(m.edges[n.Column]) && m.edges[n.Column][b-1] <= n.Threshold) {
			n = &t.Nodes[n.Left]
		} else {
			n = &t.Nodes[n.Right]
		}
	}
	return n.Value
}

// check tells what keeps t from being a tree over so many columns.
func (t *Tree) check(columns int) error {
	if len(t.Nodes) == 0 {
		return fmt.Errorf("no nodes")
	}
	depth := make([]int, len(t.Nodes))
	parents := make([]int, len(t.Nodes))
	for i := range t.Nodes {
		n := &t.Nodes[i]
		if i > 0 && parents[i] == 0 {
			return fmt.Errorf("node %d is not reached", i)
		}
		if n.Left == 0 && n.Right == 0 {
			if n.Value-n.Value != 0 || n.Rows < 0 {
				return fmt.Errorf("leaf %d: value %v of %d rows", i, n.Value, n.Rows)
			}
			continue
		}
		if n.Column < 0 || n.Column >= columns || n.Threshold-n.Threshold != 0 {
			return fmt.Errorf("node %d: column %d, threshold %v", i, n.Column, n.Threshold)
		}
		rows := 0
		for _, branch := range []int32{n.Left, n.Right} {
			if int(branch) <= i || int(branch) >= len(t.Nodes) {
				return fmt.Errorf("node %d has a branch %d", i, branch)
			}
			depth[branch] = depth[i] + 1
			if parents[branch]++; parents[branch] > 1 || depth[branch] > maxDepth {
				return fmt.Errorf("node %d is reached twice or after more than %d questions", branch, maxDepth)
			}
			rows += t.Nodes[branch].Rows
		}
		if rows != n.Rows || rows <= 0 {
			return fmt.Errorf("node %d has %d rows, its branches %d", i, n.Rows, rows)
		}
	}
	return nil
}
