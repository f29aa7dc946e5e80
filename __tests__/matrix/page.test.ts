import { writePage } from '../../scripts/matrix/page.js';
import { adaptersOf, planRows, runtimes, versionsFor } from '../../scripts/matrix/plan.js';
import { countsOf, describeRow } from '../../scripts/matrix/report.js';
import type { CaseResult, Results, Row } from './results.js';

const passed: CaseResult = { name: 'a rule', outcome: 'passed' };
const failed: CaseResult = { name: 'another rule', outcome: 'failed', why: 'expected 1, received 2\n    at some line' };
const inapplicable = (why: string): CaseResult => ({ name: 'a third rule', outcome: 'inapplicable', why });

function row(given: Partial<Row>, ...cases: CaseResult[]): Results {
    return { library: '1.21.1', user: '1.21.1', adapter: 'http', runtime: 'Node 20', ...given, cases };
}

const linesWith = (text: string, page: string): string[] => page.split('\n').filter((line) => line.includes(text));

describe('the page', () => {
    it('has a table for each runtime, with the number of cases that passed', () => {
        const page = writePage([
            row({}, passed, passed),
            row({ adapter: 'fetch' }, passed),
            row({ runtime: 'Bun 1' }, passed),
        ]);

        expect(linesWith('## ', page).slice(0, 2)).toEqual(['## Node 20', '## Bun 1']);
        expect(linesWith('| 1.21.1', page)).toEqual(['| 1.21.1 | 2 | 1 |', '| 1.21.1 | 1 |']);
        expect(linesWith('| axios', page)).toEqual(['| axios | `http` | `fetch` |', '| axios | `http` |']);
        expect(page).toContain('A set of 2 cases');
    });

    it('numbers the reasons why cases cannot run, and gives each once', () => {
        const page = writePage([
            row({ library: '1.5.0', user: '1.5.0' }, passed, inapplicable('of this')),
            row({ library: '1.6.0', user: '1.6.0' }, inapplicable('of that'), inapplicable('of this')),
        ]);

        expect(linesWith('| 1.', page)).toEqual(['| 1.5.0 | 1 <sup>1</sup> |', '| 1.6.0 | 0 <sup>1 2</sup> |']);
        expect(linesWith('a third rule', page)).toEqual(['1. *a third rule*: of this.', '2. *a third rule*: of that.']);
    });

    it('keeps two copies of axios apart by which of them is the older', () => {
        const page = writePage([
            row({ library: '1.9.0', user: '1.9.0' }, passed),
            row({ library: '1.21.1', user: '1.9.0' }, passed, passed),
            row({ library: '1.9.0', user: '1.21.1' }, passed, passed, passed),
        ]);

        expect(linesWith('| 1.9.0', page)).toEqual(['| 1.9.0 | 1 | 2 | 3 |']);
        expect(linesWith('| axios', page)).toEqual([
            '| axios | `http` | `http`, the library with the newest | `http`, the client of the newest |',
        ]);
    });

    it('says what failed, and what was not run and why', () => {
        const missing = { ...row({ runtime: 'Chromium' }), cases: undefined, notRun: 'it is missing' };
        const { cases: _, ...notRun } = missing;

        const page = writePage([row({}, passed, failed), notRun]);

        expect(linesWith('| 1.21.1', page)).toEqual(['| 1.21.1 | 1, **1 failed** |', '| 1.21.1 | not run |']);
        expect(page).toContain('- Node 20, axios 1.21.1, http: *another rule*: expected 1, received 2\n');
        expect(page).toContain('\nNot run: it is missing.\n');
    });

    it('is the same for the same results, whatever order the cases came in', () => {
        const cases = [passed, failed, inapplicable('of this')];

        expect(writePage([row({}, ...cases)])).toBe(writePage([row({}, ...[...cases].reverse())]));
    });
});

describe('the plan', () => {
    const [first] = runtimes;
    if (!first) throw new Error('there is no runtime');
    const rows = planRows(first, '1.21.1');
    const pairs = rows.map(({ library, user, adapter }) => `${library} ${user} ${adapter}`);

    it('has each version with itself and with the newest, both ways round', () => {
        for (const version of versionsFor(first, '1.21.1')) {
            expect(pairs).toContain(`${version} ${version} http`);
            expect(pairs).toContain(`1.21.1 ${version} http`);
            expect(pairs).toContain(`${version} 1.21.1 http`);
        }
        expect(new Set(pairs).size).toBe(pairs.length);
    });

    it('has fetch where axios has it, since 1.7', () => {
        expect(adaptersOf('1.6.8')).toEqual(['http']);
        expect(adaptersOf('1.7.9')).toEqual(['http', 'fetch']);
        expect(pairs).toContain('1.7.9 1.7.9 fetch');
        expect(pairs).not.toContain('1.6.8 1.6.8 fetch');
    });

    it('pins what it runs on: the page names the versions', () => {
        for (const { title, dependency } of runtimes) expect(dependency.endsWith(`@${title.split(' ')[1]}`)).toBe(true);
    });
});

it('a row is told in a line', () => {
    expect(describeRow(row({ library: '1.5.0' }))).toBe('Node 20, axios 1.21.1, the library with 1.5.0, http');
    expect(countsOf(row({}, passed, failed, inapplicable('x')))).toBe('1 passed, 1 failed, 1 inapplicable');
});
