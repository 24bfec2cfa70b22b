"""What gets an error, not a crash: one line that names the thing, the value and the next move."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import click
import pytest

from tamiz.cli import cli, main

COMMANDS = ("crawl", "extract", "curate", "review", "export", "tune", "compare", "chat", "status")


def last_line(done) -> str:
    """The error; nothing but one line of ours, and no traceback."""
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_project_every_command_says_how_to_start(run, tmp_path, command):
    assert last_line(run(command, code=1)) == f"tamiz: {tmp_path} has no tamiz.toml. Run: tamiz init {tmp_path}"


def test_a_project_is_made_once(run, tmp_path):
    assert "Next: cd my-support" in run("init", "my-support").stdout
    assert "is there already" in last_line(run("init", "my-support", code=1))
    for template in ("support-es", "support-en"):
        run("init", template, "--template", template)
        assert "tamiz import FILE" in run("--project", template, "status").stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[crawl]\nmax_page = 3\n", "did you mean max_pages", id="unknown key"),
        pytest.param('[curation]\nsteps = ["claen"]\n', "clean", id="unknown step"),
    ],
)
def test_wrong_settings_name_the_right_ones(run, tmp_path, text, said):
    (tmp_path / "tamiz.toml").write_text(text)
    assert said in last_line(run("curate", code=1))


def test_an_unknown_source_is_named_with_the_nearest(run, project):
    assert "foro" in last_line(run("crawl", "froo", code=1))


def test_an_unreachable_host_is_named(run, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "tamiz.toml").write_text(
        f'[crawl]\ndelay_seconds = 0\n[[sources]]\nname = "a"\nurl = "http://127.0.0.1:{port}/"\nallow_private = true\n'
    )
    said = last_line(run("crawl", code=1))
    assert "127.0.0.1" in said


def test_a_private_address_is_refused_unless_allowed(run, tmp_path, sample_site):
    (tmp_path / "tamiz.toml").write_text(f'[[sources]]\nname = "a"\nurl = "{sample_site}/"\n')
    assert "allow_private" in last_line(run("crawl", code=1))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.csv", b"", "empty", id="empty CSV"),
        pytest.param("a.json", b"", "empty", id="empty JSON"),
        pytest.param("a.jsonl", b'{"question": "Q?", "answer": "A."}\n{"question": \n', "line 2", id="broken JSONL"),
        pytest.param("a.json", b'[{"question": "Q?"},\n {"question": }]', "line 2", id="broken JSON"),
        pytest.param("a.csv", b"foo,bar\n1,2\n", "--question", id="no column for the question"),
        pytest.param("a.xyz", b"hello", "a.xyz has no row", id="unknown ending"),
        pytest.param("a.csv", bytes(range(256)) * 20, "a.csv", id="binary"),
    ],
)
def test_a_bad_table_is_named_with_its_line(run, tmp_path, name, content, said):
    (tmp_path / "tamiz.toml").write_text("")
    (tmp_path / name).write_bytes(content)
    done = run("import", name, code=0 if name == "a.jsonl" else 1)
    assert "Traceback" not in done.stderr
    assert said in done.stdout + done.stderr


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    assert "none.csv" in last_line(run("import", "none.csv", code=1))


def test_extract_needs_no_project_and_goes_on_after_a_bad_file(run, tmp_path):
    (tmp_path / "good.html").write_text(
        "<html lang=es><h1>FAQ</h1><details><summary>¿Cómo reinicio el router?</summary>"
        "<p>Desenchufa el cable y espera diez segundos.</p></details></html>"
    )
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "image.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    lines = run("extract", "--jsonl", "empty.html", "image.html", "none.html", "good.html").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["file"] for row in rows] == ["empty.html", "image.html", "none.html", "good.html"]
    assert [row["kind"] for row in rows] == ["none", "none", "none", "faq"]
    assert all(row["reason"] for row in rows[:3])
    assert rows[3]["pairs"][0]["question"] == "¿Cómo reinicio el router?"
    assert rows[3]["pairs"][0]["pattern"]


def test_too_few_pairs_say_how_many_and_how_to_get_more(run, tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    (tmp_path / "a.csv").write_text("question,answer\nHow do I reset it?,Press the button for ten seconds.\n")
    run("import", "a.csv")
    run("curate")
    for command in ("export", "tune"):
        said = last_line(run(command, code=1))
        assert "20" in said
        assert "tamiz review" in said


def test_a_model_that_is_not_here_is_named_with_the_ways_out(run, tmp_path, gold):
    (tmp_path / "tamiz.toml").write_text(
        '[tuning]\nbase = "pypi:no-such-model"\n[curation]\nsteps = ["clean"]\n'
        '[curation.privacy]\nkeep = ["lumbrefibra.example"]\n[[curation.rules]]\nname = "all"\nthen = "accept"\n'
    )
    rows = [{"question": item["question"], "answer": item["answer"]} for item in gold[:60]]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    run("import", "a.json")
    run("curate")
    said = last_line(run("tune", code=1))
    assert "no-such-model" in said
    assert "tamiz models" in said


def test_a_missing_extra_prints_the_pip_line(tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    code = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('scrapy', 'datasketch', 'streamlit', 'torch'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "def hidden(name, package=None):\n"
        "    return None if name in ('scrapy', 'datasketch', 'streamlit', 'torch') else find(name, package)\n"
        "importlib.util.find_spec = hidden\n"
        "from tamiz.cli import main\n"
        "main()\n"
    )
    for command, extra in (("crawl", "crawl"), ("review", "review")):
        done = subprocess.run(
            [sys.executable, "-c", code, command], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 1, done.stderr
        assert f"pip install 'tamiz[{extra}]'" in last_line(done)


def test_wrong_usage_is_exit_code_2(run):
    assert "No such option" in run("crawl", "--nonsense", code=2).stderr
    assert "No such command" in run("nonsense", code=2).stderr


def test_ctrl_c_ends_a_crawl_and_the_next_run_goes_on(project, run):
    text = (project / "tamiz.toml").read_text().replace("delay_seconds = 0.05", "delay_seconds = 0.4")
    (project / "tamiz.toml").write_text(text)
    child = subprocess.Popen(
        [sys.executable, "-m", "tamiz.cli", "crawl", "help"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    from tamiz.store import Store

    url = f"sqlite:///{project / 'tamiz.db'}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (project / "tamiz.db").exists():
            with Store.open(url) as store:
                if store.count_pages() >= 3:
                    break
        time.sleep(0.2)
    os.killpg(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, out + err
    assert "run the same command again to go on" in err
    assert "Traceback" not in err
    with Store.open(url) as store:
        first = store.count_pages()
    (project / "tamiz.toml").write_text(text.replace("delay_seconds = 0.4", "delay_seconds = 0"))
    run("crawl", "help")
    with Store.open(url) as store:
        pages = list(store.pages())
    assert len(pages) > first
    assert len({page.url for page in pages}) == len(pages)


def test_half_a_character_and_a_stray_nul_are_left_out_at_the_door(run, tmp_path):
    """FAULTS row 25."""
    (tmp_path / "tamiz.toml").write_text("")
    (tmp_path / "a.jsonl").write_text(
        '{"question": "How do I reset it?\\ud800", "answer": "Press the button.\\u0000"}\n'
    )
    (tmp_path / "b.csv").write_bytes(
        b"question,answer\nHow do I restart it?,Pull the plug\0 and wait a minute or two.\n"
    )
    reports = json.loads(run("import", "a.jsonl", "b.csv", "--json").stdout)
    assert [report["new_pairs"] for report in reports] == [1, 1]
    run("dedupe", "a.jsonl", "-o", "kept.json", "--removed", "removed.json")
    assert json.loads((tmp_path / "kept.json").read_text())[0]["question"] == "How do I reset it?"


def test_a_short_first_row_hides_no_column(run, tmp_path):
    (tmp_path / "tamiz.toml").write_text("")
    (tmp_path / "a.csv").write_text("question,answer\nq only\nWhat is it?,It is a thing.\n")
    report = json.loads(run("import", "a.csv", "--json").stdout)[0]
    assert (report["new_pairs"], report["refused_rows"]) == (1, 1)


@pytest.mark.parametrize("output", ["/proc/x.csv", "folder.csv"])
def test_a_place_that_cannot_be_written_is_named(run, tmp_path, output):
    """FAULTS row 5."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "a.csv").write_text("question,answer\nWhat is it?,It is a thing.\n")
    assert output in last_line(run("clean", "a.csv", "-o", output, code=1))


def test_a_rule_about_a_step_that_is_not_there_names_the_nearest(run, tmp_path):
    (tmp_path / "tamiz.toml").write_text('[[curation.rules]]\nname = "a"\nsteps = ["claen"]\n')
    assert "did you mean clean?" in last_line(run("curate", code=1))


def test_a_crawl_that_can_write_no_more_ends_with_the_reason_and_goes_on_later(project, run):
    """FAULTS row 3: a limit on the size of files stands in for a full disk."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (220_000, 220_000))"
    code = f"{limited}; from tamiz.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "crawl", "help"], cwd=project, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "run the command again" in last_line(done)
    report = json.loads(run("crawl", "help", "--json").stdout)
    assert report["new_pairs"] + report["known_pairs"] > 100


def test_a_command_that_ends_by_clicks_own_exit_keeps_its_code(monkeypatch):
    @cli.command("ends")
    @click.pass_context
    def ends(context: click.Context) -> None:
        context.exit(3)

    monkeypatch.setattr(sys, "argv", ["tamiz", "ends"])
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        del cli.commands["ends"]
    assert ended.value.code == 3
