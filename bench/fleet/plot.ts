import type { CustomSeriesRenderItem } from 'echarts';
import { frame } from '../plots/caption.js';
import { COLOURS, draw, MARGIN, WIDTH, type Series } from '../plots/theme.js';

/** Events per minute with and without sharing, one over the other. */
export interface Panel {
    readonly title: string;
    readonly unshared: readonly number[];
    readonly shared: readonly number[];
    /** Names minutes. */
    readonly notes: readonly { readonly minute: number; readonly text: string }[];
}

const LEFT = 68;
const PLOT = 150;
const HEADING = 44;
const PANEL = HEADING + PLOT + 36;
const HALF_HOUR = 30;
const POWERS = 4;
/** Below the first power of ten there is none. */
const NONE = 0;

const heightOf = (count: number): number => (count > 0 ? 1 + Math.log10(count) : NONE);
const countAt = (height: number): string => (height === NONE ? '0' : (10 ** (height - 1)).toLocaleString('en-US'));

function clock(minute: number): string {
    return `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
}

function namesOf({ notes }: Panel) {
    return {
        silent: true,
        symbol: 'none',
        lineStyle: { color: COLOURS.axis, type: [3, 3], width: 1 },
        label: { position: 'end' as const, color: COLOURS.text, fontSize: 12, distance: 4 },
        data: notes.map(({ minute, text }) => ({ xAxis: Math.round(minute), label: { formatter: text } })),
    };
}

const heights = (counts: readonly number[]) => counts.map((count) => (count > 0 ? heightOf(count) : '-'));

const drawStem: CustomSeriesRenderItem = (_, api) => {
    const [x = 0, top = 0] = api.coord([api.value(0), api.value(1)]);
    const [, ground = 0] = api.coord([api.value(0), NONE]);
    if (!Number.isFinite(top)) return null;
    const style = { stroke: COLOURS.ours, lineWidth: 2.4, fill: 'none' };
    return { type: 'line', shape: { x1: x, y1: ground, x2: x, y2: top }, style };
};

function seriesOf(panel: Panel, index: number): Series[] {
    const on = { xAxisIndex: index, yAxisIndex: index, silent: true };
    return [
        {
            name: 'without sharing',
            type: 'bar',
            ...on,
            barWidth: 3.6,
            z: 2,
            itemStyle: { color: COLOURS.unshared },
            data: heights(panel.unshared),
            markLine: namesOf(panel),
        },
        { type: 'custom', ...on, z: 3, renderItem: drawStem, data: heights(panel.shared) },
        {
            name: 'with sharing',
            type: 'scatter',
            ...on,
            symbol: 'circle',
            symbolSize: 7.5,
            z: 4,
            itemStyle: { color: COLOURS.ours, opacity: 1 },
            data: heights(panel.shared),
        },
    ];
}

/** An SVG image that is legible on light and on dark ground. */
export function plot(title: string, panels: readonly Panel[]): string {
    const framed = frame({
        title,
        said: ['By hours and minutes; log scale above none. Lower is better.'],
        notes: ['Simulated in virtual time: of no machine, and the same in each run.'],
    });
    const first = framed.top + 20;
    const bottom = first + panels.length * PANEL;
    const quiet = { color: COLOURS.quiet, fontSize: 11.5 };
    return draw({
        title,
        height: framed.heightFrom(bottom),
        option: {
            title: [
                framed.titlesFrom(bottom),
                panels.map(({ title: heading }, index) => ({
                    text: heading,
                    left: MARGIN,
                    top: first + index * PANEL,
                    padding: 0,
                    textStyle: { fontSize: 13, color: COLOURS.text },
                })),
            ].flat(),
            legend: {
                data: [{ name: 'without sharing', icon: 'rect' }, { name: 'with sharing' }],
                left: MARGIN,
                top: framed.top - 8,
                padding: 0,
                itemGap: 22,
                itemWidth: 11,
                itemHeight: 11,
                textStyle: { color: COLOURS.text, fontSize: 12 },
            },
            grid: panels.map((_, index) => ({
                left: LEFT,
                top: first + index * PANEL + HEADING,
                width: WIDTH - MARGIN - LEFT,
                height: PLOT,
            })),
            xAxis: panels.map(({ unshared }, gridIndex) => ({
                type: 'category',
                gridIndex,
                // One more than there are, for the name of the end.
                data: Array.from({ length: unshared.length + 1 }, (_, minute) => clock(minute)),
                axisTick: { show: false },
                axisLine: { lineStyle: { color: COLOURS.axis } },
                axisLabel: { ...quiet, interval: (minute: number) => minute % HALF_HOUR === 0 },
            })),
            yAxis: panels.map((_, gridIndex) => ({
                type: 'value',
                gridIndex,
                min: NONE,
                max: heightOf(10 ** POWERS),
                interval: 1,
                splitLine: { lineStyle: { color: COLOURS.grid } },
                axisLabel: { ...quiet, formatter: countAt },
            })),
            series: panels.flatMap(seriesOf),
        },
    });
}
