import { OURS } from '../subject.js';
import { nameAxis, type Row } from './bars.js';
import { frame, type Caption } from './caption.js';
import { figureOf, grouped, lossOf, shortened } from './results.js';
import { COLOURS, MARGIN, NAMES, WIDTH, type Picture, type Series } from './theme.js';

const ROW = 30;
const LABELS = 304;
const MARKS = [
    { key: 'p50', symbol: 'circle' },
    { key: 'p99', symbol: 'diamond' },
    { key: 'max', symbol: 'triangle' },
] as const;

const colourOf = ({ subject, result }: Row): string =>
    lossOf(result) > 0 ? COLOURS.lost : subject === OURS ? COLOURS.ours : COLOURS.other;

const marksOf = ({ result }: Row): number[] =>
    MARKS.flatMap(({ key }) => {
        const measured = figureOf(result, key)?.measured;
        return measured !== undefined && measured > 0 ? [measured] : [];
    });

function labelOf(row: Row): string {
    const { result } = row;
    const outcome = result?.outcome === 'measured' ? '' : (result?.outcome ?? 'not measured');
    const marks = marksOf(row);
    if (marks.length < MARKS.length) return `{word|${outcome || 'not measured'}}`;
    const lost = lossOf(result);
    const remarks = [lost > 0 ? `${grouped(lost)} failed` : '', outcome].filter(Boolean).join(', ');
    const ratio = figureOf(result, 'p99.ratio')?.measured;
    const text = `${marks.map(shortened).join(' / ')} ms${ratio === undefined ? '' : ` (${shortened(ratio)} ×)`}`;
    return remarks ? `{lost|${text}, ${remarks}}` : `{value|${text}}`;
}

/** From the median to the longest. */
const connection = (row: Row, at: number): Series => ({
    type: 'line',
    silent: true,
    symbol: 'none',
    z: 2,
    lineStyle: {
        color: colourOf(row),
        width: row.subject === OURS ? 3 : 2,
        type: lossOf(row.result) > 0 ? [4, 3] : 'solid',
    },
    data: marksOf(row).map((ms) => [ms, at]),
});

function marksOfAll(rows: readonly Row[], { key, symbol }: (typeof MARKS)[number]): Series {
    return {
        name: key,
        type: 'scatter',
        silent: true,
        symbol,
        symbolSize: 11,
        z: 4,
        itemStyle: { color: COLOURS.quiet, opacity: 1 },
        data: rows.flatMap((row, at) => {
            const measured = figureOf(row.result, key)?.measured;
            if (measured === undefined) return [];
            const colour = colourOf(row);
            const isHollow = lossOf(row.result) > 0;
            return [
                {
                    value: [measured, at],
                    itemStyle: isHollow
                        ? { color: COLOURS.ground, borderColor: colour, borderWidth: 2, opacity: 1 }
                        : { color: colour, opacity: 1 },
                },
            ];
        }),
    };
}

function labels(rows: readonly Row[]): Series {
    return {
        type: 'scatter',
        silent: true,
        xAxisIndex: 1,
        yAxisIndex: 1,
        symbolSize: 0,
        itemStyle: { color: COLOURS.ground, opacity: 1 },
        data: rows.map((row, at) => ({
            value: [0, at],
            label: {
                show: true,
                position: 'right',
                distance: 0,
                formatter: labelOf(row),
                rich: {
                    value: { fontSize: 12, color: COLOURS.text, fontWeight: row.subject === OURS ? 'bold' : 'normal' },
                    lost: { fontSize: 12, color: COLOURS.lost, fontWeight: 'bold' },
                    word: { fontSize: 12, color: COLOURS.quiet },
                },
            },
        })),
    };
}

/** Median, 99th percentile and longest of each subject on one logarithmic axis. */
export function latencyPlot(caption: Caption, rows: readonly Row[]): Picture {
    const framed = frame(caption);
    const top = framed.top + 30;
    const height = rows.length * ROW;
    const bottom = top + height + 46;
    const width = WIDTH - MARGIN - NAMES - LABELS;
    const all = rows.flatMap(marksOf);
    const quiet = { color: COLOURS.quiet, fontSize: 11.5 };
    return {
        title: caption.title,
        height: framed.heightFrom(bottom),
        option: {
            title: framed.titlesFrom(bottom),
            legend: {
                data: MARKS.map(({ key }) => key),
                left: NAMES,
                top: framed.top - 2,
                padding: 0,
                itemGap: 22,
                itemWidth: 11,
                itemHeight: 11,
                textStyle: { color: COLOURS.text, fontSize: 12 },
            },
            grid: [
                { left: NAMES, top, width, height },
                { left: NAMES + width + 16, top, width: LABELS - 16, height },
            ],
            xAxis: [
                {
                    type: 'log',
                    min: 10 ** Math.floor(Math.log10(Math.min(1, ...all))),
                    max: 10 ** Math.ceil(Math.log10(Math.max(10, ...all))),
                    name: 'ms (log scale)',
                    nameLocation: 'middle',
                    nameGap: 26,
                    nameTextStyle: quiet,
                    splitLine: { lineStyle: { color: COLOURS.grid } },
                    axisLabel: { ...quiet, formatter: grouped },
                },
                { type: 'value', gridIndex: 1, show: false, min: 0, max: 1 },
            ],
            yAxis: [nameAxis(rows, true), { ...nameAxis(rows, false), gridIndex: 1, show: false }],
            series: [...rows.map(connection), ...MARKS.map((mark) => marksOfAll(rows, mark)), labels(rows)],
        },
    };
}
