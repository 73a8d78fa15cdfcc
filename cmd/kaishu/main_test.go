package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"kaishu/pipeline/publish"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kaishu": main})
}

// TestScripts runs the scripts of testdata, each a small world with the command in it. Beside the
// usual commands they have:
//
//	status N command...   the command ends with exit status N
//	gzip FILE OUT [KEEP]  compresses a file, keeping only the first KEEP bytes of the result
//	damage FILE AT        flips a byte; AT below 0 counts from the end
//	garbage FILE          a file of bytes that are no text
//	locked DIR command... the command runs while somebody else holds the lock of DIR
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": status1, "gzip": compress, "damage": damage, "garbage": garbage, "locked": locked,
		},
	})
}

// status1 runs a command and wants the exit status it is given. What the command printed is for
// stdout and stderr of the lines after, as after exec.
func status1(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func compress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: gzip FILE OUT [KEEP]")
	}
	data, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(data)
	ts.Check(err)
	ts.Check(w.Close())
	out := b.Bytes()
	if len(args) == 3 {
		keep, err := strconv.Atoi(args[2])
		ts.Check(err)
		out = out[:keep]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o644))
}

func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: damage FILE AT")
	}
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 0xff
	ts.Check(os.WriteFile(path, data, 0o644))
}

func garbage(ts *testscript.TestScript, neg bool, args []string) {
	data := make([]byte, 8192)
	for i := range data {
		data[i] = byte(i * i * 7)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
}

func locked(ts *testscript.TestScript, neg bool, args []string) {
	held, err := publish.Lock(ts.MkAbs(args[0]))
	ts.Check(err)
	defer held.Release()
	status1(ts, neg, args[1:])
}

// kaishuCommand is the command itself as another process, by way of the test binary.
func kaishuCommand(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "kaishu")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, args...)
	cmd.Args[0] = "kaishu"
	return cmd
}

// TestKilledAtAnyMomentLeavesAWholeNight kills runs that replace a night, at moments spread over
// their length. What is published afterwards is the old night or the new one, whole.
func TestKilledAtAnyMomentLeavesAWholeNight(t *testing.T) {
	dir := t.TempDir()
	must(t, kaishuCommand(t, "generate", "--customers", "40", "--seed", "1", "-o", dir))
	nights := filepath.Join(dir, "nights")
	args := []string{"run", "-q", "--replace", "-c", filepath.Join(dir, "kaishu.yaml"), "-o", nights}
	began := time.Now()
	must(t, kaishuCommand(t, args...))
	length := time.Since(began)
	const kills = 10
	for i := range kills {
		// other settings every time, so that every run has a night to replace
		touch(t, filepath.Join(dir, "kaishu.yaml"), fmt.Sprintf("\nledger: {grace: %d}\n", i+1))
		cmd := kaishuCommand(t, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(length * time.Duration(2*i+1) / (2 * kills))
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
		must(t, kaishuCommand(t, "verify", "-o", nights))
	}
	must(t, kaishuCommand(t, args...))
	must(t, kaishuCommand(t, "verify", "-o", nights))
	left, err := os.ReadDir(nights)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if n := e.Name(); n != ".lock" && n != ".replaced" && !strings.HasPrefix(n, "as_of=") {
			t.Errorf("left behind: %s", n)
		}
	}
}

// touch replaces what an earlier touch appended to a file.
func touch(t *testing.T, path, text string) {
	t.Helper()
	const mark = "\n# changed by the test\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(data), mark)
	if err := os.WriteFile(path, []byte(before+mark+text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// TestASignalStopsARunWithItsStatus interrupts a run while it works.
func TestASignalStopsARunWithItsStatus(t *testing.T) {
	dir := t.TempDir()
	must(t, kaishuCommand(t, "generate", "--customers", "400", "--seed", "1", "-o", dir))
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd := kaishuCommand(t, "run", "-c", filepath.Join(dir, "kaishu.yaml"))
		var out bytes.Buffer
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for !strings.Contains(read(t, filepath.Join(dir, "nights", ".lock")), "pid") {
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != 128+int(s) {
			t.Errorf("%v: exit status %d\n%s", s, got, out.String())
		}
		if !strings.Contains(out.String(), "nothing was published") {
			t.Errorf("%v: it says %q", s, out.String())
		}
		if found, _ := filepath.Glob(filepath.Join(dir, "nights", "as_of=*")); len(found) > 0 {
			t.Errorf("%v: published %v", s, found)
		}
	}
}

// TestASignalStopsWhatHasNothingToUndo interrupts a generator that would go on for minutes.
func TestASignalStopsWhatHasNothingToUndo(t *testing.T) {
	dir := t.TempDir()
	cmd := kaishuCommand(t, "generate", "--customers", "3000000", "-o", dir)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ends := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer ends.Stop()
	time.Sleep(200 * time.Millisecond) // less than it takes to start is no fault: the signal is then the system's to act on
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState; got.ExitCode() != 128+int(syscall.SIGTERM) && got.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v\n%s", got, out.String())
	}
	if found, _ := filepath.Glob(filepath.Join(dir, ".generate-*")); len(found) > 0 {
		t.Errorf("left behind: %v", found)
	}
}

// TestResultThatCannotBeShownIsNoLostNight lets standard output be full.
func TestResultThatCannotBeShownIsNoLostNight(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	dir := t.TempDir()
	must(t, kaishuCommand(t, "generate", "--customers", "10", "-o", dir))
	cmd := kaishuCommand(t, "run", "-q", "-c", filepath.Join(dir, "kaishu.yaml"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = full, &out
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != 1 || !strings.Contains(out.String(), "as_of=2026-02-28 is published, but") {
		t.Errorf("exit status %d\n%s", got, out.String())
	}
	must(t, kaishuCommand(t, "verify", "-o", filepath.Join(dir, "nights")))
}

// read is the content of a file, "" while there is none.
func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}
