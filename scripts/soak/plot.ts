import { sum } from '../../bench/measure.js';
import { frame, panelTitle } from '../../bench/plots/caption.js';
import { COLOURS, draw, MARGIN, WIDTH, type Series } from '../../bench/plots/theme.js';
import type { Sample } from './messages.js';

type Place = [minute: number, value: number];

interface Panel {
    readonly title: string;
    readonly placesOf: (samples: readonly Sample[]) => Place[];
}

const LEFT = 68;
const PLOT = 120;
const HEADING = 30;
const PANEL = HEADING + PLOT + 34;
/** More than that many places of a line cannot be told apart. */
const PLACES = 300;
const MINUTE = 60_000;

const ours = 'with this package, amid faults';
const plain = 'plain axios, without faults';

const rateAt = (sample: Sample, before: Sample | undefined): number =>
    ((sample.requests - (before?.requests ?? 0)) * 1_000) / (sample.at - (before?.at ?? 0));

const PANELS: readonly Panel[] = [
    {
        title: 'Heap in use, MiB',
        placesOf: (samples) => samples.map(({ at, heap }) => [at / MINUTE, heap / 2 ** 20]),
    },
    {
        title: 'Handles: sockets, timers and others',
        placesOf: (samples) => samples.map(({ at, handles }) => [at / MINUTE, handles]),
    },
    {
        title: 'Requests per second',
        placesOf: (samples) => samples.map((sample, index) => [sample.at / MINUTE, rateAt(sample, samples[index - 1])]),
    },
];

/** Means of neighbours, so that no more are left than a picture can show. */
function thinOut(places: readonly Place[]): Place[] {
    const size = Math.ceil(places.length / PLACES);
    return Array.from({ length: Math.ceil(places.length / size) }, (_, index) => {
        const some = places.slice(index * size, (index + 1) * size);
        const mean = (at: 0 | 1): number => sum(some.map((place) => place[at])) / some.length;
        return [Number(mean(0).toFixed(3)), Number(mean(1).toFixed(3))];
    });
}

function lineOf(name: string, color: string, index: number, data: Place[]): Series {
    const style = { color, width: 1.4 };
    const on = { xAxisIndex: index, yAxisIndex: index, silent: true };
    return {
        name,
        type: 'line',
        ...on,
        showSymbol: false,
        symbol: 'circle',
        itemStyle: { color },
        lineStyle: style,
        data,
    };
}

/** An SVG image that is legible on light and on dark ground. */
export function plotCourses(
    title: string,
    managed: readonly Sample[],
    control: readonly Sample[],
    notes: readonly string[],
): string {
    const said = 'Sampled every 2 s, at rest and after garbage collection. What leaks would rise.';
    const framed = frame({ title, said: [said], notes });
    const first = framed.top + 20;
    const bottom = first + PANELS.length * PANEL;
    const quiet = { color: COLOURS.quiet, fontSize: 11.5 };
    const last = Math.ceil((managed.at(-1)?.at ?? 0) / MINUTE);
    return draw({
        title,
        height: framed.heightFrom(bottom),
        option: {
            title: [
                framed.titlesFrom(bottom),
                PANELS.map((panel, index) => panelTitle(panel.title, MARGIN, first + index * PANEL)),
            ].flat(),
            legend: {
                data: [ours, plain].map((name) => ({ name, icon: 'rect' })),
                left: MARGIN,
                top: framed.top - 8,
                padding: 0,
                itemGap: 40,
                itemWidth: 11,
                itemHeight: 4,
                textStyle: { color: COLOURS.text, fontSize: 12 },
            },
            grid: PANELS.map((_, index) => ({
                left: LEFT,
                top: first + index * PANEL + HEADING,
                width: WIDTH - MARGIN - LEFT,
                height: PLOT,
            })),
            xAxis: PANELS.map((_, gridIndex) => ({
                type: 'value',
                gridIndex,
                min: 0,
                max: last,
                splitLine: { show: false },
                axisLine: { lineStyle: { color: COLOURS.axis } },
                axisLabel: { ...quiet, formatter: (minute: number) => `${minute} min` },
            })),
            yAxis: PANELS.map((_, gridIndex) => ({
                type: 'value',
                gridIndex,
                min: 0,
                splitNumber: 4,
                splitLine: { lineStyle: { color: COLOURS.grid } },
                axisLabel: quiet,
            })),
            series: PANELS.flatMap(({ placesOf }, index) => [
                lineOf(plain, COLOURS.other, index, thinOut(placesOf(control))),
                lineOf(ours, COLOURS.ours, index, thinOut(placesOf(managed))),
            ]),
        },
    });
}
