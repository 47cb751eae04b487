// npm run simulate -- --runs N [--seed S]: the real delivery modules under random schedules of faults.
import { runSchedule } from './simulate/run-schedule.ts';

const [seed = 1, runs = 100, trace] = process.argv.slice(2).map(Number);
const beganMs = performance.now();
let failed = 0; let turns=0; let ms=0;
for (let at = 0; at < runs; at++) {
  const t=performance.now();
  const outcome = await runSchedule(seed + at, trace ? { tell: (text) => console.log(text) } : {});
  turns += outcome.turns; ms += outcome.simulatedMs;
  if (outcome.problems.length > 0) {
    failed++;
    console.log(`seed ${outcome.seed} (${outcome.special}, ${outcome.turns} turns, ${outcome.lines} lines, ${outcome.stored} stored, ${Math.round(performance.now()-t)}ms): ${outcome.problems.slice(0,3).map(x=>x.slice(0,600)).join('\n   ')}`);
  }
}
const s = (performance.now() - beganMs) / 1000;
console.log(`${(runs / s).toFixed(1)} schedules/s, ${Math.round(turns/runs)} turns, ${Math.round(ms/runs)} sim ms`);
console.log(`${runs} runs, ${failed} failed`);
