"""Each feature before and after each other, in one kernel, with a busy server in between: nothing is lost or false.

A step is what a person types and what must hold then, whatever was done before. Between two steps the server refuses
one request, which is sent again. The whole matrix takes minutes: `.ci/full pairs`.
"""

import pytest

from nbfiles.server import embedded
from tests.faulty import faulty
from tests.heavy import PAIRS
from tests.kernels import Kernel, stopped_at
from tests.scripted import error
from tests.spoiled import Refused, silent

BUSY = Refused(error(429, "rate_limit_error", "Too many.", retry_after="0"))
PREPARED = r"""
import nbfiles, pathlib
from nbfiles.errors import BadInput
%load_ext nbfiles
for name, colour in dict(a='blue', b='red', c='green').items():
    pathlib.Path(f'{name}.txt').write_text(f'The boat is {colour}. It sails on the sea.')
pathlib.Path('p.csv').write_text('x,y\n1,2\n3,4\n')
TEXTS, COLOURS, asked = ['a.txt', 'b.txt', 'c.txt'], dict(a='blue', b='red', c='green'), 0
QUESTION = 'Which colour is the boat?'
CODE = 'import os; open(os.path.join(os.environ["OUTPUT_DIR"], "sum.csv"), "w").write("sum\\n6\\n")'
MAKE = f'```python\n{CODE}\n```'

def check_answer(answer, file, colour):
    global asked
    asked += 1
    assert answer.complete and answer.problem is None, answer.problem
    assert colour in answer.text and [c.file for c in answer.citations] == [file], answer.text
    assert answer.sent_to == WHERE, answer.sent_to
    assert 'quote found' in str(answer), str(answer)

def check_names(names, kernel_files):
    assert len(set(names)) == len(names) and set(kernel_files) <= set(names), names

def answers_on_the_bill():
    return int(nbfiles.cost().rows[-1][2])

def turns():
    return sum(int(row[1]) for row in nbfiles.threads().rows)
"""
STEPS = {
    "upload": """
records = nbfiles.upload('*.txt', 'p.csv')
assert sorted(r.name for r in records) == [*TEXTS, 'p.csv'], records
""",
    "ask": """
check_answer(nbfiles.ask(QUESTION, 'b.txt'), 'b.txt', 'red')
nbfiles.cite(1)
""",
    "thread": """
before = turns()
check_answer(nbfiles.ask(QUESTION, 'c.txt', thread='talk'), 'c.txt', 'green')
assert turns() == before + 1
assert 'green' in nbfiles.ask('Is the boat green?', thread='talk').text; asked += 1
nbfiles.cite(1)
""",
    "each": """
table = nbfiles.ask_each(QUESTION, *TEXTS, fresh=True); asked += 3
assert list(table['file']) == TEXTS and list(table['error']) == [''] * 3, table
assert all(COLOURS[file[0]] in text for file, text in zip(table['file'], table['answer'])), table
nbfiles.cite(1, 'b.txt')
""",
    "code": """
made = nbfiles.ask(MAKE, 'p.csv', code=True); asked += 1
assert made.complete and [f.name.startswith('sum') for f in made.files] == [True], made.files
assert made.df().values.tolist() == [[6]]
""",
    "download": """
again = nbfiles.download(made.files[0].name, to='again')
assert again[0].path.read_text() == 'sum\\n6\\n'
again[0].path.unlink()
""",
    "files": """
names = [record.name for record in nbfiles.files()]
assert len(set(names)) == len(names), names
everything = nbfiles.workspace.listed(everything=True)
assert str(nbfiles.workspace.verify())
""",
    "clean": """
nbfiles.workspace.clean(older_than='1h', yes=True)
nbfiles.workspace.remove(*(r.name for r in nbfiles.upload(*TEXTS)), yes=True)
assert not [name for name in nbfiles.workspace.listed(everything=True).df()['name'] if name in TEXTS]
""",
    "budget": """
nbfiles.configure(budget=0.01)
try: nbfiles.ask(QUESTION, 'a.txt')
except BadInput as problem: assert 'budget' in str(problem), problem
else: raise AssertionError('asked without a price')
finally: nbfiles.configure(budget=None)
""",
    "use": """
nbfiles.use('local')
here, there = WHERE, 'local server on this machine'
WHERE = there
check_answer(nbfiles.ask(QUESTION, 'a.txt'), 'a.txt', 'blue')
WHERE = here
nbfiles.use(URL, key_from='THERE')
""",
    "stop": "check_answer(nbfiles.ask(QUESTION, 'a.txt'), 'a.txt', 'blue')",
    "restart": "",
}
AFTER = """
assert answers_on_the_bill() == asked, (answers_on_the_bill(), asked)
'all is well'
"""


class Notebook:
    """A kernel whose server is behind a front."""

    def __init__(self, kernel, folder, front):
        self.kernel, self.front, self.folder = kernel, front, folder
        self.prepare()

    def prepare(self):
        prepared = [f"%cd {self.folder}", f"URL, WHERE = {self.front.url!r}, {self.front.url[7:]!r}", PREPARED]
        self.run("\n".join([*prepared, "nbfiles.use(URL, key_from='THERE')"]))
        self.run(STEPS["code"])

    def run(self, cell):
        ran = self.kernel.run(cell)
        if ran.error:
            pytest.fail(f"{ran.error['ename']}: {ran.error['evalue'][:400]}\n{cell}", pytrace=False)

    def step(self, name):
        if name == "restart":
            self.kernel.manager.restart_kernel(now=True)
            self.kernel.client.wait_for_ready()
            self.prepare()
        if name == "stop":
            self.run("nbfiles.upload('a.txt')")  # so that it is the question that is stopped
            self.front.faults = [silent] * 9
            stopped = stopped_at(self.kernel, "nbfiles.ask(QUESTION, 'a.txt')", "…")
            self.front.faults = []
            assert stopped.error
            assert stopped.error["ename"] == "Stopped", stopped.error["evalue"]
            assert len(stopped.error["traceback"]) == 1
            assert "may have been sent and charged" in stopped.printed
        self.run(STEPS[name] + AFTER)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    server = embedded.start(tmp_path_factory.mktemp("server"), tcp=True)
    folder = tmp_path_factory.mktemp("notebook")
    environ = {"THERE": server.key, "NBFILES_DATA_DIR": str(folder / "data"), "NBFILES_USE": "local"}
    with faulty(server.base_url) as front, Kernel(**environ) as kernel:
        yield Notebook(kernel, folder, front)
    server.stop()


@PAIRS
@pytest.mark.parametrize("first", STEPS)
def test_nothing_is_lost_or_false_after(notebook, first):
    for second in STEPS:
        notebook.step(first)
        notebook.front.faults = [BUSY]
        notebook.step(second)
        notebook.front.faults = []
