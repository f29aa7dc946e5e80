import type { Report } from '../report.js';
import { barPlot, type Panel, type Row } from './bars.js';
import { notesOn, type Caption } from './caption.js';
import { cellPlot, type Column } from './cells.js';
import { latencyPlot } from './latencies.js';
import { linePlot } from './lines.js';
import { grouped, resultOf, shortened, subjectsOf } from './results.js';
import { draw, type Picture } from './theme.js';

const WAITING = [1, 100, 1_000, 10_000];
const LOSES = 'Hollow and dashed: it loses requests.';

interface Plan {
    readonly file: string;
    readonly scenarios: readonly string[];
    readonly plot: (stage: Stage) => Picture;
}

interface Stage {
    readonly results: Report;
    readonly subjects: readonly string[];
    readonly rows: readonly Row[];
    readonly caption: (title: string, ...said: string[]) => Caption;
}

const times = (value: number): string => `${value.toFixed(3)} ×`;
const inThousands = (value: number): string => grouped(value / 1_000);
const whole = (value: number): string => grouped(Math.round(value));
const kilobytes = (bytes: number): string => shortened(bytes / 1_000);

/** "Medians of 30 to 150 rounds"; the fewest and the most of all that is shown. */
function roundsOf({ results }: Report, scenario: string, keys: readonly string[]): string {
    const rounds = results
        .filter((result) => result.scenario === scenario)
        .flatMap(({ figures }) => figures.filter(({ key }) => keys.includes(key)).map((figure) => figure.rounds ?? 0))
        .filter((count) => count > 0);
    if (rounds.length === 0) return '';
    const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)];
    return `Medians of ${fewest === most ? grouped(most) : `${grouped(fewest)} to ${grouped(most)}`} paired rounds. `;
}

function hotPath({ results, rows, caption }: Stage): Picture {
    const panels: Panel[] = [
        { key: 'http.added', heading: 'named adapter: µs added', format: shortened, reference: 0, labels: 90 },
        { key: 'http.heap', heading: 'named adapter: bytes added', format: whole, reference: 0, labels: 90 },
        { key: 'function.time', heading: 'function adapter: time, ×', format: times, reference: 1, labels: 90 },
        { key: 'function.heap', heading: 'function adapter: bytes added', format: whole, reference: 0, labels: 90 },
    ];
    return barPlot({
        caption: caption(
            'Hot path: what a request with a valid token costs',
            'Per request, beside the same client with a static header. Lower is better.',
            `${roundsOf(results, 'hot-path', ['http.added'])}Whiskers: quartiles. Dotted band: the static header against itself (A/A control).`,
        ),
        rows,
        panels,
        perLine: 2,
    });
}

function throughput({ results, rows, caption }: Stage): Picture {
    return barPlot({
        caption: caption(
            'Throughput over keep-alive sockets',
            'Requests per second, as a share of those of the same client with a static header. Higher is better.',
            `${roundsOf(results, 'throughput', ['ratio'])}Whiskers: quartiles. Dotted band: the static header against itself (A/A control).`,
            LOSES,
        ),
        rows,
        panels: [
            {
                key: 'ratio',
                secondKey: 'rps',
                heading: 'requests per second / those with a static header',
                format: (ratio, rps) => `${times(ratio)}${rps === undefined ? '' : `  (${whole(rps)}/s)`}`,
                reference: 1,
                labels: 260,
            },
        ],
        perLine: 1,
    });
}

function coldStart({ results, rows, caption }: Stage): Picture {
    return linePlot({
        caption: caption(
            'Cold start: many requests, no token yet',
            'Time until all are answered / (one creation + the same requests with a static header). Lower is better.',
            `${roundsOf(results, 'cold-start', keysOf('ratio'))}Up to 1,000 over sockets, 10,000 in memory. Beside each name: its last ratio.`,
            LOSES,
        ),
        rows,
        waiting: WAITING,
        heading: 'ratio of times (log scale)',
    });
}

function storm({ results, rows, caption }: Stage): Picture {
    return linePlot({
        caption: caption(
            '401 storm: many requests with a token that was revoked',
            'Time until all are answered / (all refused + one creation + all answered, with a static header). Lower is better.',
            `${roundsOf(results, 'storm', keysOf('ratio'))}Up to 1,000 over sockets, 10,000 in memory. Beside each name: its last ratio.`,
            LOSES,
        ),
        rows,
        waiting: WAITING,
        heading: 'ratio of times (log scale)',
    });
}

const keysOf = (name: string): string[] => WAITING.map((count) => `${count}.${name}`);

const columnsOf = (scenario: string, heading: string, name: string): Column[] =>
    WAITING.map((count) => ({ scenario, key: `${count}.${name}`, heading: `${heading}\n${grouped(count)}` }));

const lossesBy = (key: string): Column[] => [
    ...columnsOf('cold-start', 'cold\nstart', key),
    ...columnsOf('storm', '401\nstorm', key),
    { scenario: 'stragglers', key, heading: 'strag-\nglers' },
    { scenario: 'throughput', key, heading: 'through-\nput' },
    { scenario: 'rotation', key, heading: 'tokens\nof 1 s' },
];

function lost({ results, subjects, caption }: Stage): Picture {
    return cellPlot({
        caption: caption(
            'Who loses requests',
            'Counts. Lower is better: none need fail, and none need be sent without a token. One shade for each power of ten.',
        ),
        results,
        subjects,
        tables: [
            {
                heading: 'Requests that failed',
                columns: lossesBy('failed'),
                best: 0,
            },
            {
                heading: 'Requests that were sent without a token',
                columns: lossesBy('withoutToken'),
                best: 0,
            },
        ],
    });
}

function creations({ results, subjects, caption }: Stage): Picture {
    return cellPlot({
        caption: caption(
            'How often the token endpoint is called',
            'Calls for a token per burst; for stragglers, per revocation. Lower is better: one is enough. None in a storm: the revoked token is not replaced. One shade for each power of ten.',
        ),
        results,
        subjects,
        tables: [
            {
                heading: 'Token calls',
                columns: [
                    ...columnsOf('cold-start', 'cold start', 'creations'),
                    ...columnsOf('storm', '401 storm', 'creations'),
                    { scenario: 'stragglers', key: 'creations', heading: 'stragglers' },
                ],
                best: 1,
            },
        ],
    });
}

function rotation({ rows, caption }: Stage): Picture {
    return latencyPlot(
        caption(
            'Tokens that live 1 s, under load',
            'Latency of a request: median, 99th percentile, longest. Lower is better.',
            `In brackets: the 99th percentile beside that of the static header in the same run. ${LOSES}`,
        ),
        rows,
    );
}

const weightFor = (target: string, heading: string): Panel => ({
    key: `${target}.gzipped`,
    wholeKey: `${target}.minified`,
    heading,
    axis: inThousands,
    format: (gzipped, minified) => `${kilobytes(gzipped)}${minified === undefined ? '' : ` of ${kilobytes(minified)}`}`,
    labels: 130,
});

function size({ rows, caption }: Stage): Picture {
    return barPlot({
        caption: caption(
            'What it adds to a bundle',
            'Weight of what each of them needs, gzipped (strong) and minified (faint). Lower is better.',
        ),
        rows,
        panels: [
            weightFor('browser', 'for browsers: gzipped of minified, kB'),
            weightFor('node', 'for Node: gzipped of minified, kB'),
        ],
        perLine: 2,
    });
}

function importing({ results, rows, caption }: Stage): Picture {
    return barPlot({
        caption: caption(
            'Import time',
            'Import of what each of them needs, beside that of axios alone; and the modules that are loaded. Lower is better.',
            `${roundsOf(results, 'import', ['ratio'])}Whiskers: quartiles. Dotted band: axios against itself (A/A control).`,
        ),
        rows,
        panels: [
            { key: 'ratio', heading: 'time, ×', format: times, reference: 1, labels: 80 },
            { key: 'modules', heading: 'modules loaded', format: grouped, labels: 80 },
        ],
        perLine: 2,
    });
}

const PLANS: readonly Plan[] = [
    { file: 'hot-path.svg', scenarios: ['hot-path'], plot: hotPath },
    { file: 'throughput.svg', scenarios: ['throughput'], plot: throughput },
    { file: 'cold-start.svg', scenarios: ['cold-start'], plot: coldStart },
    { file: 'storm.svg', scenarios: ['storm'], plot: storm },
    { file: 'lost.svg', scenarios: ['cold-start', 'storm', 'stragglers', 'throughput', 'rotation'], plot: lost },
    { file: 'creations.svg', scenarios: ['cold-start', 'storm', 'stragglers'], plot: creations },
    { file: 'rotation.svg', scenarios: ['rotation'], plot: rotation },
    { file: 'size.svg', scenarios: ['size'], plot: size },
    { file: 'import.svg', scenarios: ['import'], plot: importing },
];

/** All pictures by file name. A scenario without results has none. */
export function drawAll(results: Report): Map<string, string> {
    const drawn = new Map<string, string>();
    for (const { file, scenarios, plot } of PLANS) {
        const subjects = subjectsOf(results, scenarios);
        if (subjects.length === 0) continue;
        const [scenario = ''] = scenarios;
        const stage: Stage = {
            results,
            subjects,
            rows: subjects.map((subject) => ({ subject, result: resultOf(results, scenario, subject) })),
            caption: (title, ...said) => ({ title, said, notes: notesOn(results, scenarios) }),
        };
        drawn.set(file, draw(plot(stage)));
    }
    return drawn;
}
