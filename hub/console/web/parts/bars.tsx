// How many events over time; a bar leads to its own time range.
import type { HistogramView } from '../../api/shapes.ts';
import { count, dateTime, utc } from '../format.ts';
import { setParams } from '../router.ts';

const width = 1_200;
const height = 64;

export function Bars({ histogram }: { readonly histogram: HistogramView }) {
  const { sinceMs, untilMs, bucketMs, buckets } = histogram;
  const span = Math.max(1, untilMs - sinceMs);
  const highest = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  return (
    <figure style={{ margin: 0 }}>
      <svg
        class="bars"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${count(total)} events over time`}
      >
        {buckets.map((bucket) => {
          const tall = Math.max(1, (bucket.count / highest) * (height - 4));
          const narrow = () => setParams({ range: `${bucket.timeMs}-${bucket.timeMs + bucketMs}` }, { isReplacing: false });
          return (
            <rect
              key={bucket.timeMs}
              x={((bucket.timeMs - sinceMs) / span) * width}
              y={height - tall}
              width={Math.max(1, (bucketMs / span) * width - 2)}
              height={tall}
              onClick={narrow}
            >
              <title>{`${count(bucket.count)} events from ${dateTime(bucket.timeMs)} (${utc(bucket.timeMs)})`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption class="bars-ends small muted">
        <span title={utc(sinceMs)}>{dateTime(sinceMs)}</span>
        <span title={utc(untilMs)}>{dateTime(untilMs)}</span>
      </figcaption>
    </figure>
  );
}
