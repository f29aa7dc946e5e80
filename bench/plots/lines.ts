import type { Result } from '../report.js';
import { OURS } from '../subject.js';
import { frame, panelTitle, type Caption } from './caption.js';
import { figureOf, grouped, lossOf, shortened } from './results.js';
import type { Row } from './bars.js';
import { COLOURS, LINES, MARGIN, WIDTH, type Picture, type Series } from './theme.js';

const PLOT = 380;
const LEFT = 62;
const LEGEND = 292;
const NAME = 17;
const REMARK = 15;

/** The ratios of each subject by the number waiting. */
export interface LinePlot {
    readonly caption: Caption;
    readonly rows: readonly Row[];
    readonly waiting: readonly number[];
    readonly heading: string;
}

interface Point {
    readonly waiting: number;
    readonly ratio: number;
    readonly lost: number;
}

interface Line {
    readonly subject: string;
    readonly points: readonly Point[];
    readonly colour: string;
    readonly symbol: string;
    readonly remark: string;
    readonly isLosing: boolean;
}

function worstOf(points: readonly Point[]): string {
    const worst = points.reduce<Point | undefined>(
        (most, point) => (point.lost > (most?.lost ?? 0) ? point : most),
        undefined,
    );
    return worst ? `${grouped(worst.lost)} failed at ${grouped(worst.waiting)}` : '';
}

/** Where a line ends early. */
function endOf(result: Result | undefined, points: readonly Point[], waiting: readonly number[]): string {
    const last = points.at(-1)?.waiting ?? 0;
    if (result && result.outcome !== 'measured') return `${result.outcome} after ${grouped(last)}`;
    return last < Math.max(...waiting) ? `${grouped(last)} at most` : '';
}

function linesOf({ rows, waiting }: LinePlot): Line[] {
    let others = 0;
    return rows.flatMap(({ subject, result }) => {
        const look = subject === OURS ? undefined : LINES[others++ % LINES.length];
        const points = waiting.flatMap((count) => {
            const figure = figureOf(result, `${count}.ratio`);
            return figure ? [{ waiting: count, ratio: figure.measured, lost: lossOf(result, count) }] : [];
        });
        if (points.length === 0) return [];
        const worst = worstOf(points);
        const end = worst && result?.outcome === 'measured' ? '' : endOf(result, points, waiting);
        return [
            {
                subject,
                points,
                colour: look?.light ?? COLOURS.ours,
                symbol: look?.symbol ?? 'circle',
                remark: [worst, end].filter(Boolean).join(', '),
                isLosing: worst !== '',
            },
        ];
    });
}

function seriesOf({ subject, points, colour, symbol, isLosing }: Line): Series {
    const isOurs = subject === OURS;
    return {
        type: 'line',
        silent: true,
        z: isOurs ? 5 : 3,
        symbol,
        symbolSize: isOurs ? 10 : 9,
        lineStyle: { color: colour, width: isOurs ? 3.5 : 1.8, type: isLosing ? [5, 4] : 'solid' },
        data: points.map(({ waiting, ratio, lost }) => ({
            value: [waiting, ratio],
            itemStyle: lost > 0 ? { color: COLOURS.ground, borderColor: colour, borderWidth: 2 } : { color: colour },
        })),
    };
}

/** Pixels from the top of the plot at which each line's name stands: beside its end, but none over another. */
function placeNames(lines: readonly Line[], heightOf: (ratio: number) => number): Map<Line, number> {
    const sizeOf = ({ remark }: Line): number => NAME + (remark ? REMARK : 0);
    const wanted = lines
        .map((line) => ({ line, at: heightOf(line.points.at(-1)?.ratio ?? 1) - NAME / 2 }))
        .sort((a, b) => a.at - b.at);
    let free = 0;
    const placed = wanted.map(({ line, at }) => {
        const top = Math.max(at, free);
        free = top + sizeOf(line) + 3;
        return { line, top };
    });
    // What was pushed below the plot pushes the others up again.
    let ground = PLOT;
    for (const place of [...placed].reverse()) {
        place.top = Math.min(place.top, ground - sizeOf(place.line));
        ground = place.top - 3;
    }
    return new Map(placed.map(({ line, top }) => [line, top]));
}

/** Each line in one piece, since where a second piece began would depend on the reader's font. */
function textOf({ subject, points, remark, isLosing }: Line): string {
    const last = points.at(-1);
    return `{name|${subject}  ${last ? shortened(last.ratio) : ''} ×}${remark ? `\n{${isLosing ? 'lost' : 'word'}|${remark}}` : ''}`;
}

/** A legend whose entries stand beside the ends of the lines. */
function legendOf(lines: readonly Line[], heightOf: (ratio: number) => number): Series {
    const tops = placeNames(lines, heightOf);
    return {
        type: 'scatter',
        silent: true,
        xAxisIndex: 1,
        yAxisIndex: 1,
        clip: false,
        data: lines.map((line) => {
            const { subject, points, colour, symbol, remark } = line;
            const last = points.at(-1);
            const isOurs = subject === OURS;
            return {
                value: [0, PLOT - (tops.get(line) ?? 0) - NAME / 2],
                symbol,
                symbolSize: 9,
                itemStyle:
                    last && last.lost > 0
                        ? { color: COLOURS.ground, borderColor: colour, borderWidth: 2, opacity: 1 }
                        : { color: colour, opacity: 1 },
                label: {
                    show: true,
                    position: 'right',
                    distance: 7,
                    // The first line stays beside the symbol.
                    offset: [0, remark ? REMARK / 2 : 0],
                    lineHeight: NAME,
                    formatter: textOf(line),
                    rich: {
                        name: {
                            fontSize: 12,
                            lineHeight: NAME,
                            color: COLOURS.text,
                            fontWeight: isOurs ? 'bold' : 'normal',
                        },
                        word: { fontSize: 11.5, lineHeight: REMARK, color: COLOURS.quiet },
                        lost: { fontSize: 11.5, lineHeight: REMARK, color: COLOURS.lost, fontWeight: 'bold' },
                    },
                },
            };
        }),
    };
}

export function linePlot(plot: LinePlot): Picture {
    const { caption, waiting, heading } = plot;
    const lines = linesOf(plot);
    const framed = frame(caption);
    const top = framed.top + 26;
    const bottom = top + PLOT + 48;
    const ratios = [1, ...lines.flatMap(({ points }) => points.map(({ ratio }) => ratio))].filter((ratio) => ratio > 0);
    const lowest = Math.floor(Math.log2(Math.min(...ratios)));
    const highest = Math.max(lowest + 1, Math.ceil(Math.log2(Math.max(...ratios))));
    const heightOf = (ratio: number): number => PLOT * ((highest - Math.log2(ratio)) / (highest - lowest));
    const width = WIDTH - MARGIN - LEFT - LEGEND;
    const quiet = { color: COLOURS.quiet, fontSize: 11.5 };
    const axisLines = {
        axisLine: { lineStyle: { color: COLOURS.axis } },
        axisTick: { lineStyle: { color: COLOURS.axis } },
    };
    return {
        title: caption.title,
        height: framed.heightFrom(bottom),
        option: {
            title: [...framed.titlesFrom(bottom), panelTitle(heading, MARGIN, framed.top)],
            grid: [
                { left: LEFT, top, width, height: PLOT },
                { left: LEFT + width + 22, top, width: LEGEND - 22, height: PLOT },
            ],
            xAxis: [
                {
                    type: 'log',
                    min: Math.min(...waiting),
                    max: Math.max(...waiting),
                    name: 'requests waiting (log scale)',
                    nameLocation: 'middle',
                    nameGap: 28,
                    nameTextStyle: quiet,
                    splitLine: { show: false },
                    ...axisLines,
                    axisLabel: { ...quiet, formatter: grouped },
                },
                { type: 'value', gridIndex: 1, show: false, min: 0, max: 1 },
            ],
            yAxis: [
                {
                    type: 'log',
                    logBase: 2,
                    min: 2 ** lowest,
                    max: 2 ** highest,
                    splitLine: { lineStyle: { color: COLOURS.grid } },
                    ...axisLines,
                    axisLabel: { ...quiet, formatter: (value) => `${grouped(value)} ×` },
                },
                { type: 'value', gridIndex: 1, show: false, min: 0, max: PLOT },
            ],
            series: [
                {
                    type: 'line',
                    silent: true,
                    symbol: 'none',
                    z: 1,
                    lineStyle: { color: COLOURS.text, type: [3, 3], width: 1 },
                    data: [Math.min(...waiting), Math.max(...waiting)].map((count) => [count, 1]),
                },
                ...lines.map(seriesOf),
                legendOf(lines, heightOf),
            ],
        },
    };
}
