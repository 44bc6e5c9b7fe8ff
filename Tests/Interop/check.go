// Checks our notes, proofs and growth with Google's note and tlog packages.
//
//	go run check.go EVIDENCE_FOLDER ROOT_VKEY KEPT_CHECKPOINT CONSISTENCY_PROOF
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error, what string) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

func read(parts ...string) string {
	data, err := os.ReadFile(filepath.Join(parts...))
	must(err, "reading")
	return string(data)
}

// open returns the lines of a note that the key signed.
func open(text, vkey string) []string {
	verifier, err := note.NewVerifier(vkey)
	must(err, "key")
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	must(err, "note")
	return strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
}

// split cuts notes that stand one behind the other.
func split(text string) (notes []string) {
	var lines []string
	for _, line := range strings.SplitAfter(text, "\n") {
		ended := len(lines) > 0 && strings.HasPrefix(lines[len(lines)-1], "\u2014 ")
		if ended && !strings.HasPrefix(line, "\u2014 ") {
			notes, lines = append(notes, strings.Join(lines, "")), nil
		}
		lines = append(lines, line)
	}
	return notes
}

func hash(text string) (h tlog.Hash) {
	data, err := base64.StdEncoding.DecodeString(text)
	must(err, "hash")
	copy(h[:], data)
	return h
}

func hashes(lines []string) (all []tlog.Hash) {
	for _, line := range lines {
		all = append(all, hash(line))
	}
	return all
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	must(err, "number")
	return n
}

type epoch struct {
	size int64
	vkey string
}

// checkpoint opens a checkpoint with the key whose epoch covers its size.
func checkpoint(text string, epochs []epoch) tlog.Tree {
	size := number(strings.Split(text, "\n")[1])
	vkey := ""
	for _, e := range epochs {
		if e.size < size {
			vkey = e.vkey
		}
	}
	lines := open(text, vkey)
	if len(lines) != 3 || number(lines[1]) != size {
		log.Fatal("checkpoint: not three lines")
	}
	return tlog.Tree{N: size, Hash: hash(lines[2])}
}

func main() {
	folder, vkey, kept, grown := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	var epochs []epoch
	signer := vkey
	for i, text := range split(read(folder, "epochs")) {
		lines := open(text, signer)
		if lines[0] != "auditlog-epoch/v1" || number(lines[2]) != int64(i) {
			log.Fatal("epochs: not a certificate")
		}
		signer = lines[5]
		epochs = append(epochs, epoch{number(lines[3]), signer})
	}
	tree := checkpoint(read(folder, "checkpoint"), epochs)

	events := bytes.Split(bytes.TrimSuffix([]byte(read(folder, "events.jsonl")), []byte("\n")), []byte("\n"))
	for _, event := range events {
		var numbered struct{ Seq int64 }
		must(json.Unmarshal(event, &numbered), "event")
		text := read(folder, "proofs", fmt.Sprintf("%012d.tlog-proof", numbered.Seq))
		head, note, _ := strings.Cut(text, "\n\n")
		lines := strings.Split(head, "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", numbered.Seq) {
			log.Fatal("proof: not a tlog-proof")
		}
		if checkpoint(note, epochs) != tree {
			log.Fatal("proof: another checkpoint")
		}
		must(tlog.CheckRecord(hashes(lines[2:]), tree.N, tree.Hash, numbered.Seq, tlog.RecordHash(event)), "inclusion")
	}

	older := checkpoint(read(kept), epochs)
	head, note, _ := strings.Cut(read(grown), "\n\n")
	lines := strings.Split(head, "\n")
	newer := checkpoint(note, epochs)
	if lines[0] != fmt.Sprintf("old %d", older.N) {
		log.Fatal("consistency: another size")
	}
	must(tlog.CheckTree(hashes(lines[1:]), newer.N, newer.Hash, older.N, older.Hash), "consistency")
	fmt.Printf("%d events, %d epochs, %d to %d\n", len(events), len(epochs), older.N, newer.N)
}
