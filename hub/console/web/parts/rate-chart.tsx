// Events per second over the last quarter of an hour. The colours follow the theme; the width follows the card.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { RatePoint } from '../../api/shapes.ts';
import { clockTime, rate } from '../format.ts';
import { isDark } from '../theme.ts';

const height = 180;

export function RateChart({ points }: { readonly points: readonly RatePoint[] }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const dark = isDark.value;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const made = new uPlot(optionsFor(element), toColumns(points), element);
    chart.current = made;
    const resizing = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resizing.observe(element);
    return () => {
      resizing.disconnect();
      made.destroy();
    };
  }, [dark]);
  useEffect(() => chart.current?.setData(toColumns(points)), [points]);
  const newest = points.at(-1);
  return <div class="chart" ref={box} role="img" aria-label={`Events per second, now ${rate(newest?.eventsPerSecond ?? 0)}`} />;
}

/** To the second while the curve is young, or its labels would all be the same. */
function timeLabels(_chart: uPlot, seconds: number[]): string[] {
  const [first = 0, second = first] = seconds;
  return seconds.map((at) => clockTime(at * 1_000).slice(0, second - first < 60 ? 8 : 5));
}

function toColumns(points: readonly RatePoint[]): uPlot.AlignedData {
  return [points.map(({ timeMs }) => timeMs / 1_000), points.map(({ eventsPerSecond }) => eventsPerSecond)];
}

function optionsFor(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `11px ${colour('--font')}`,
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_chart, _min, max) => [0, Math.max(10, max * 1.15)] } },
    axes: [
      { ...axis, size: 28, space: 72, values: timeLabels },
      { ...axis, size: 44, space: 36, values: (_chart, values) => values.map((value) => rate(value)) },
    ],
    series: [{}, { stroke: colour('--accent'), fill: `${colour('--accent')}22`, width: 1.5, points: { show: false } }],
  };
}
