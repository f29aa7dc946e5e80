import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { plot } from '../../bench/fleet/plot.js';
import { drawAll } from '../../bench/plots/pictures.js';
import type { Report, Result, Verdict } from '../../bench/report.js';

const OURS = 'axios-token-creator';
const LOSER = 'loses <some>';
const OTHER = 'hangs-in-a-storm';
const SUBJECTS = [LOSER, OURS, OTHER];
const WAITING = [1, 100, 1_000, 10_000];

const figure = (key: string, measured: number, unit: Verdict['unit'] = ''): Verdict => ({
    name: key,
    key,
    unit,
    measured,
});

function inTurns(key: string, measured: number, unit: Verdict['unit'] = 'x'): Verdict {
    const control = { median: 1, lower: 0.9, upper: 1.1, rounds: 7 };
    return { ...figure(key, measured, unit), quartiles: [measured * 0.9, measured * 1.1], rounds: 7, control };
}

const crowds = (lost: number): Verdict[] =>
    WAITING.flatMap((count) => [
        inTurns(`${count}.ratio`, 0.8),
        figure(`${count}.creations`, 1),
        figure(`${count}.failed`, count === 10_000 ? lost : 0),
        figure(`${count}.withoutToken`, 0),
    ]);

const FIGURES: Readonly<Record<string, (lost: number) => Verdict[]>> = {
    'hot-path': () => [
        inTurns('http.added', 0.4, 'us'),
        inTurns('http.heap', 500, 'B'),
        inTurns('function.time', 1.02),
        inTurns('function.heap', 1_500, 'B'),
    ],
    throughput: (lost) => [inTurns('ratio', 0.99), figure('rps', 7_000), figure('failed', lost)],
    'cold-start': crowds,
    storm: crowds,
    stragglers: (lost) => [figure('creations', 1), figure('failed', lost)],
    rotation: (lost) => [
        figure('failed', lost),
        figure('p50', 1, 'ms'),
        figure('p99', 3, 'ms'),
        figure('max', 20, 'ms'),
        inTurns('p99.ratio', 1.01),
    ],
    size: () => [
        figure('browser.gzipped', 3_300, 'B'),
        figure('browser.minified', 8_600, 'B'),
        figure('node.gzipped', 3_400, 'B'),
        figure('node.minified', 8_700, 'B'),
    ],
    import: () => [inTurns('ratio', 1.01), figure('modules', 70)],
};

const LOST = 77;
const ENDED: Partial<Result> = { outcome: 'hung', why: 'no end after 30 s', figures: [] };

const REPORT: Report = {
    date: '2026-11-02T03:04:05.000Z',
    machine: { cpu: 'A Processor', cores: 2, memory: '8 GiB', os: 'Linux 6.1' },
    versions: { node: '20.20.0', axios: '1.21.1', [OURS]: '0.1.0' },
    results: SUBJECTS.flatMap((subject) =>
        Object.entries(FIGURES).map(([scenario, figuresOf]): Result => {
            const figures = figuresOf(subject === LOSER ? LOST : 0);
            const hangs = subject === OTHER && scenario !== 'cold-start';
            return { scenario, subject, outcome: 'measured', figures, ...(hangs && ENDED) };
        }),
    ),
};

const FILES = [
    'hot-path.svg',
    'throughput.svg',
    'cold-start.svg',
    'storm.svg',
    'lost.svg',
    'creations.svg',
    'rotation.svg',
    'size.svg',
    'import.svg',
];

/** What a reader sees: the text elements. */
function textsOf(svg: string | undefined): string[] {
    const texts = [...String(svg).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
    return texts.map((text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('\u00a0', ' '));
}

const pictures = drawAll(REPORT);
const saidIn = (file: string): string => textsOf(pictures.get(file)).join('\n');

const mended = ({ key, measured }: Verdict): number => (/(^|\.)failed$/.test(key) ? 0 : measured);

const withoutLosses = (): Map<string, string> => {
    const results = REPORT.results.map((result) => ({
        ...result,
        figures: result.figures.map((each) => ({ ...each, measured: mended(each) })),
    }));
    return drawAll({ ...REPORT, results });
};

const dashed = (svg: string | undefined): number => String(svg).split(/stroke-dasharray="(?:4,3|5,4)"/).length - 1;

describe('the pictures of benchmarks', () => {
    it('are one for each comparison, and those alone of which there are figures', () => {
        expect([...pictures.keys()]).toEqual(FILES);
        const results = REPORT.results.filter(({ scenario }) => scenario === 'size');
        expect([...drawAll({ ...REPORT, results }).keys()]).toEqual(['size.svg']);
    });

    it.each(FILES)('%s names all subjects', (file) => {
        // Beside its line, each has its ratio; one without a line is named below.
        const hasLines = ['cold-start.svg', 'storm.svg'].includes(file);
        const names = textsOf(pictures.get(file)).map((text) =>
            hasLines ? text.replace(/( {2}\S+ ×|: .*)$/, '') : text,
        );
        for (const subject of SUBJECTS) expect(names).toContain(subject);
    });

    it.each(FILES)('%s says which way is better, on what machine, with what, and when', (file) => {
        const said = saidIn(file);
        expect(said).toMatch(file === 'throughput.svg' ? /Higher is better/ : /Lower is better/);
        expect(said).toContain('2026-11-02. A Processor, 2 cores, 8 GiB, Linux 6.1.');
        expect(said).toContain('Node 20.20.0, axios 1.21.1, axios-token-creator 0.1.0.');
    });

    it.each(FILES.filter((file) => file !== 'cold-start.svg'))('%s says why a subject has no figure', (file) => {
        expect(saidIn(file)).toMatch(new RegExp(`${OTHER}: hung( in [\\w-]+)? \\(no end after 30 s\\)`));
    });

    it.each(['hot-path.svg', 'throughput.svg', 'rotation.svg', 'size.svg', 'import.svg', 'lost.svg', 'creations.svg'])(
        '%s has the word in the place of the figure, too',
        (file) => expect(textsOf(pictures.get(file))).toContain('hung'),
    );

    it.each(['throughput.svg', 'cold-start.svg', 'storm.svg', 'rotation.svg'])(
        '%s marks who loses requests',
        (file) => {
            expect(saidIn(file)).toContain(`${LOST} failed`);
            expect(dashed(pictures.get(file))).toBeGreaterThan(dashed(withoutLosses().get(file)));
            expect(textsOf(withoutLosses().get(file)).join('\n')).not.toContain('failed');
        },
    );

    it('lost.svg counts the requests lost', () => {
        expect(textsOf(pictures.get('lost.svg')).filter((text) => text === String(LOST))).toHaveLength(5);
    });

    it('tell the last ratio of one that hangs later', () => {
        const results = REPORT.results.map((result): Result => {
            if (result.scenario !== 'storm' || result.subject !== OTHER) return result;
            return { ...result, figures: crowds(0).filter(({ key }) => !key.startsWith('10000.')) };
        });
        const said = textsOf(drawAll({ ...REPORT, results }).get('storm.svg'));
        expect(said).toContain(`${OTHER}  0.80 ×`);
        expect(said).toContain('hung after 1,000');
    });

    it('are the same bytes each time, whatever was drawn before', () => {
        expect([...drawAll(REPORT)]).toEqual([...pictures]);
        const alone = drawAll({ ...REPORT, results: REPORT.results.filter(({ scenario }) => scenario === 'import') });
        expect(alone.get('import.svg')).toBe(pictures.get('import.svg'));
    });

    it('have a dark colour for each one that they use', () => {
        for (const picture of pictures.values()) {
            const [, rules = '', shapes = ''] = /<style>([\s\S]*)<\/style>([\s\S]*)/.exec(picture) ?? [];
            const seen = shapes.replaceAll(/<clipPath[\s\S]*?<\/clipPath>/g, '');
            const used = new Set(
                [...seen.matchAll(/(?:fill|stroke)="(?!none)([^"]+)"/g)].map(([, colour = '']) => colour),
            );
            expect(used.size).toBeGreaterThan(4);
            for (const colour of used) expect(rules).toContain(`[fill="${colour}"]`);
        }
    });
});

describe('the picture of a fleet', () => {
    it('has the title and the notes of each panel, and both lanes', () => {
        const panel = { unshared: [3, 0, 100], shared: [1, 0, 0], notes: [{ minute: 2, text: 'revoked' }] };
        const panels = [
            { title: 'first', ...panel },
            { title: 'second', ...panel },
        ];
        const texts = textsOf(plot('A fleet', panels));
        expect(texts).toEqual(expect.arrayContaining(['A fleet', 'first', 'second', '10,000', '0']));
        expect(texts).toEqual(expect.arrayContaining(['without sharing', 'with sharing']));
        expect(texts.filter((text) => text === 'revoked')).toHaveLength(2);
        expect(plot('A fleet', panels)).toBe(plot('A fleet', panels));
    });
});

const root = resolve(__dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'axios-token-creator-plots-'));

function run(...parameters: string[]): { readonly code: number | null; readonly said: string } {
    const command = ['--import', 'tsx', 'bench/plots.ts', ...parameters, directory];
    const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
    return { code: status, said: stderr };
}

describe('bench:plots', () => {
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    it('tells pictures that are not those of results.json', () => {
        writeFileSync(join(directory, 'results.json'), JSON.stringify(REPORT));
        expect(run()).toEqual({ code: 0, said: '' });
        expect(readdirSync(directory).sort()).toEqual([...FILES, 'figures.md', 'results.json'].sort());
        const page = readFileSync(join(directory, 'figures.md'), 'utf8');
        for (const name of Object.keys(FIGURES)) expect(page).toContain(`## ${name}`);
        expect(run('--check')).toEqual({ code: 0, said: '' });

        appendFileSync(join(directory, 'storm.svg'), '\n');
        rmSync(join(directory, 'import.svg'));
        writeFileSync(join(directory, 'old.svg'), '');
        const stale = run('--check');
        expect(stale.code).toBe(1);
        expect(stale.said).toMatch(/storm\.svg: not what results\.json says/);
        expect(stale.said).toMatch(/old\.svg: nothing draws it/);
        expect(stale.said).toContain('import.svg: missing');
        expect(stale.said).not.toContain('size.svg');
        expect(stale.said).not.toContain('figures.md');
    });
});
