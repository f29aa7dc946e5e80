import type { CustomSeriesRenderItem } from 'echarts';
import type { Verdict, Result } from '../report.js';
import { OURS } from '../subject.js';
import { frame, panelTitle, type Caption } from './caption.js';
import { figureOf, grouped, lossOf } from './results.js';
import { COLOURS, MARGIN, NAMES, WIDTH, type Picture, type Series } from './theme.js';

const ROW = 27;
const HEADING = 26;
const AXIS = 26;
const GAP = 30;

/** Horizontal bars from zero, one for each subject. */
export interface Panel {
    readonly key: string;
    /** Drawn paler behind each bar: what the figure is a part of. */
    readonly wholeKey?: string;
    /** Only told, beside the bar. */
    readonly secondKey?: string;
    readonly heading: string;
    readonly format: (value: number, second: number | undefined) => string;
    /** What takes no effect. */
    readonly reference?: number;
    /** Of the axis, where that is not the plain number. */
    readonly axis?: (value: number) => string;
    /** Pixels right of the bars. */
    readonly labels: number;
}

export interface Row {
    readonly subject: string;
    readonly result: Result | undefined;
}

/** The panels side by side, `perLine` in each line. */
export interface BarPlot {
    readonly caption: Caption;
    readonly rows: readonly Row[];
    readonly panels: readonly Panel[];
    readonly perLine: number;
}

const drawWhisker: CustomSeriesRenderItem = (_, api) => {
    const [left = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
    const [right = 0] = api.coord([api.value(1), api.value(2)]);
    const style = { stroke: COLOURS.text, lineWidth: 1.2, fill: 'none' };
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line' as const,
        shape: { x1, y1, x2, y2 },
        style,
    });
    return {
        type: 'group',
        children: [line(left, y, right, y), line(left, y - 4, left, y + 4), line(right, y - 4, right, y + 4)],
    };
};

function barStyle({ subject, result }: Row, isWhole: boolean) {
    const isOurs = subject === OURS;
    const pale = isOurs ? COLOURS.oursPale : COLOURS.otherPale;
    const color = isWhole ? pale : isOurs ? COLOURS.ours : COLOURS.other;
    if (lossOf(result) === 0) return { color };
    return { color: COLOURS.ground, borderColor: COLOURS.lost, borderWidth: 1.5, borderType: [4, 3] };
}

interface Label {
    readonly text: string;
    readonly style: 'ours' | 'other' | 'lost' | 'word';
}

function labelOf({ subject, result }: Row, { key, wholeKey, secondKey = wholeKey, format }: Panel): Label {
    const figure = figureOf(result, key);
    const outcome = result?.outcome ?? 'not measured';
    if (!figure) return { text: outcome === 'measured' ? 'not measured' : outcome, style: 'word' };
    const value = format(figure.measured, secondKey ? figureOf(result, secondKey)?.measured : undefined);
    const lost = lossOf(result);
    const remarks = [lost > 0 ? `${grouped(lost)} failed` : '', outcome === 'measured' ? '' : outcome].filter(Boolean);
    const style = remarks.length > 0 ? 'lost' : subject === OURS ? 'ours' : 'other';
    return { text: [value, ...remarks].join(', '), style };
}

/** What each bar says, in a column of its own, where no bar, whisker or band is in the way. */
function labelAxis(rows: readonly Row[], panel: Panel, gridIndex: number) {
    const labels = rows.map((row) => labelOf(row, panel));
    return {
        type: 'category' as const,
        gridIndex,
        inverse: true,
        position: 'right' as const,
        data: labels.map(({ text }) => text),
        axisTick: { show: false },
        axisLine: { show: false },
        axisLabel: {
            interval: 0,
            margin: 10,
            formatter: (text: string, index: number) => `{${labels[index]?.style ?? 'other'}|${text}}`,
            rich: {
                ours: { fontSize: 12, color: COLOURS.text, fontWeight: 'bold' as const },
                other: { fontSize: 12, color: COLOURS.text },
                lost: { fontSize: 12, color: COLOURS.lost, fontWeight: 'bold' as const },
                word: { fontSize: 12, color: COLOURS.quiet },
            },
        },
    };
}

/** An axis from zero, or from what lies below it. */
function valueAxis(rows: readonly Row[], { key, axis }: Panel, gridIndex: number, splitNumber: number) {
    const figures = rows.flatMap(({ result }) => figureOf(result, key) ?? []);
    const lowest = figures.map(({ measured, quartiles }) => Math.min(measured, quartiles?.[0] ?? 0));
    const min = Math.min(0, controlOf(rows, key)?.lower ?? 0, ...lowest);
    return {
        type: 'value' as const,
        gridIndex,
        splitNumber,
        min,
        splitLine: { showMinLine: min === 0, lineStyle: { color: COLOURS.grid } },
        axisLabel: {
            color: COLOURS.quiet,
            fontSize: 11,
            showMinLabel: min === 0,
            ...(axis && { formatter: axis }),
        },
    };
}

function controlOf(rows: readonly Row[], key: string): Verdict['control'] {
    return figureOf(rows.find(({ subject }) => subject === OURS)?.result, key)?.control;
}

function markings(panel: Panel, rows: readonly Row[]) {
    const control = controlOf(rows, panel.key);
    return {
        ...(control && {
            markArea: {
                silent: true,
                itemStyle: { color: COLOURS.band, borderColor: COLOURS.axis, borderWidth: 1, borderType: [2, 2] },
                data: [[{ xAxis: control.lower }, { xAxis: control.upper }]] as [
                    { xAxis: number },
                    { xAxis: number },
                ][],
            },
        }),
        ...(panel.reference !== undefined && {
            markLine: {
                silent: true,
                symbol: 'none',
                label: { show: false },
                lineStyle: { color: COLOURS.text, type: [3, 3], width: 1 },
                data: [{ xAxis: panel.reference }],
            },
        }),
    };
}

function seriesOf(panel: Panel, rows: readonly Row[], index: number): Series[] {
    const on = { xAxisIndex: index, yAxisIndex: 2 * index, silent: true };
    const bar = (key: string, isWhole: boolean): Series => ({
        type: 'bar',
        ...on,
        barWidth: 15,
        barGap: '-100%',
        data: rows.map((row) => ({
            value: figureOf(row.result, key)?.measured ?? '-',
            itemStyle: barStyle(row, isWhole),
        })),
    });
    const whiskers = rows.flatMap(({ result }, row) => {
        const quartiles = figureOf(result, panel.key)?.quartiles;
        return quartiles ? [[...quartiles, row]] : [];
    });
    return [
        // First, so that the bars are drawn over it.
        { type: 'scatter', ...on, data: [], z: 0, ...markings(panel, rows) },
        ...(panel.wholeKey ? [bar(panel.wholeKey, true)] : []),
        bar(panel.key, false),
        { type: 'custom', ...on, data: whiskers, renderItem: drawWhisker, encode: { x: [0, 1], y: 2 }, z: 3 },
    ];
}

/** Names of subjects down the left side, ours in bold. */
export function nameAxis(rows: readonly { readonly subject: string }[], isShown: boolean) {
    return {
        type: 'category' as const,
        inverse: true,
        data: rows.map(({ subject }) => subject),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: COLOURS.axis }, onZero: true },
        axisLabel: {
            show: isShown,
            interval: 0,
            margin: 10,
            formatter: (name: string) => (name === OURS ? `{ours|${name}}` : `{other|${name}}`),
            rich: {
                ours: { fontSize: 12, fontWeight: 'bold' as const, color: COLOURS.ours },
                other: { fontSize: 12, color: COLOURS.text },
            },
        },
    };
}

export function barPlot({ caption, rows, panels, perLine }: BarPlot): Picture {
    const framed = frame(caption);
    const width = (WIDTH - MARGIN - NAMES - GAP * (perLine - 1)) / perLine;
    const height = HEADING + rows.length * ROW + AXIS;
    const lines = Math.ceil(panels.length / perLine);
    const bottom = framed.top + lines * height + (lines - 1) * 10;
    const places = panels.map(({ labels }, index) => ({
        left: NAMES + (index % perLine) * (width + GAP),
        top: framed.top + Math.floor(index / perLine) * (height + 10) + HEADING,
        width: width - labels,
        height: rows.length * ROW,
    }));
    return {
        title: caption.title,
        height: framed.heightFrom(bottom),
        option: {
            title: [
                framed.titlesFrom(bottom),
                panels.map(({ heading }, index) => {
                    const { left = 0, top = 0 } = places[index] ?? {};
                    return panelTitle(heading, left, top - HEADING + 4);
                }),
            ].flat(),
            grid: places,
            xAxis: panels.map((panel, index) => valueAxis(rows, panel, index, perLine > 1 ? 3 : 6)),
            yAxis: panels.flatMap((panel, gridIndex) => [
                { gridIndex, ...nameAxis(rows, gridIndex % perLine === 0) },
                labelAxis(rows, panel, gridIndex),
            ]),
            series: panels.flatMap((panel, index) => seriesOf(panel, rows, index)),
        },
    };
}
