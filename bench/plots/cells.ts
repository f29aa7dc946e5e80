import type { Report } from '../report.js';
import { nameAxis } from './bars.js';
import { frame, panelTitle, type Caption } from './caption.js';
import { figureOf, grouped, resultOf } from './results.js';
import { COLOURS, MARGIN, NAMES, WIDTH, type Picture } from './theme.js';

const ROW = 26;
const HEADINGS = 76;

export interface Column {
    readonly scenario: string;
    readonly key: string;
    readonly heading: string;
}

interface CellTable {
    readonly heading: string;
    readonly columns: readonly Column[];
    /** As good as can be. */
    readonly best: number;
}

/** Tables of counts in colour, one below the other. */
export interface CellPlot {
    readonly caption: Caption;
    readonly results: Report;
    readonly subjects: readonly string[];
    readonly tables: readonly CellTable[];
}

const SHADES = [
    { ground: COLOURS.none, text: COLOURS.quiet },
    { ground: COLOURS.few, text: COLOURS.text },
    { ground: COLOURS.some, text: COLOURS.text },
    { ground: COLOURS.many, text: COLOURS.text },
    { ground: COLOURS.most, text: COLOURS.onMost },
] as const;

/** One shade more for each power of ten. */
function shadeOf(value: number, best: number): number {
    if (value <= best) return 0;
    return Math.min(SHADES.length - 1, 1 + Math.floor(Math.log10(Math.max(1, value))));
}

function cellsOf({ results, subjects }: CellPlot, { columns, best }: CellTable) {
    return columns.flatMap(({ scenario, key }, column) =>
        subjects.map((subject, row) => {
            const result = resultOf(results, scenario, subject);
            const figure = figureOf(result, key);
            const shade = figure ? shadeOf(figure.measured, best) : 0;
            const word = result?.outcome === 'hung' || result?.outcome === 'crashed' ? result.outcome : '–';
            return {
                value: [column, row, shade],
                label: {
                    formatter: figure ? grouped(figure.measured) : word,
                    fontSize: figure ? 12 : 11,
                    color: SHADES[shade]?.text ?? COLOURS.text,
                    fontWeight: shade > 0 ? ('bold' as const) : ('normal' as const),
                },
            };
        }),
    );
}

export function cellPlot(plot: CellPlot): Picture {
    const { caption, subjects, tables } = plot;
    const framed = frame(caption);
    const height = HEADINGS + subjects.length * ROW;
    const tops = tables.map((_, index) => framed.top + index * (height + 22));
    const bottom = (tops.at(-1) ?? framed.top) + height;
    return {
        title: caption.title,
        height: framed.heightFrom(bottom),
        option: {
            title: [
                framed.titlesFrom(bottom),
                tables.map(({ heading }, index) => panelTitle(heading, MARGIN, tops[index] ?? 0)),
            ].flat(),
            grid: tops.map((top) => ({
                left: NAMES,
                top: top + HEADINGS,
                width: WIDTH - MARGIN - NAMES,
                height: subjects.length * ROW,
            })),
            xAxis: tables.map(({ columns }, gridIndex) => ({
                type: 'category',
                gridIndex,
                position: 'top',
                data: columns.map(({ heading }) => heading),
                axisTick: { show: false },
                axisLine: { show: false },
                axisLabel: { interval: 0, color: COLOURS.text, fontSize: 11, lineHeight: 14 },
            })),
            yAxis: tables.map((_, gridIndex) => ({
                gridIndex,
                ...nameAxis(
                    subjects.map((subject) => ({ subject })),
                    true,
                ),
                axisLine: { show: false },
            })),
            visualMap: {
                show: false,
                type: 'piecewise',
                dimension: 2,
                pieces: SHADES.map(({ ground }, value) => ({ value, color: ground })),
            },
            series: tables.map((table, index) => ({
                type: 'heatmap',
                silent: true,
                xAxisIndex: index,
                yAxisIndex: index,
                label: { show: true },
                itemStyle: { borderColor: COLOURS.ground, borderWidth: 2 },
                data: cellsOf(plot, table),
            })),
        },
    };
}
