// nginx access lines in the combined format of a few shops and an API: browsers, crawlers, monitoring, some 404 probing.
import { named, outsideAddress, type Pick } from './pick.ts';

const pages = named(
  300,
  (place) => `/${['shop/item', 'category', 'api/v1/orders', 'static/js/chunk', 'img'][place % 5]}/${place * 13 + 7}`,
);
const probes = ['/wp-login.php', '/.env', '/phpmyadmin/index.php', '/vendor/phpunit/src/Util/PHP/eval-stdin.php', '/cgi-bin/luci'] as const;
const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'ExampleBot/2.1 (+https://bot.example/about)',
  'kube-probe/1.34',
] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export function nginxAccess(pick: Pick, atMs: number): string {
  const isProbe = pick.chance(0.04);
  const path = isProbe ? pick.one(probes) : `${pick.skewed(pages)}${pick.chance(0.25) ? `?page=${pick.number(1, 90)}` : ''}`;
  const method = pick.chance(0.9) ? 'GET' : 'POST';
  const status = isProbe ? 404 : pick.one([200, 200, 200, 200, 200, 200, 304, 302, 500]);
  const refer = pick.chance(0.5) ? `https://shop.example${pick.skewed(pages)}` : '-';
  const user = pick.chance(0.03) ? `user${pick.number(1, 40)}` : '-';
  const request = `"${method} ${path} HTTP/1.1" ${status} ${pick.number(80, 60_000)}`;
  return `${outsideAddress(pick)} - ${user} [${accessTime(atMs)}] ${request} "${refer}" "${pick.skewed(agents)}"`;
}

function accessTime(atMs: number): string {
  const at = new Date(atMs);
  const day = `${String(at.getUTCDate()).padStart(2, '0')}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  return `${day}:${at.toISOString().slice(11, 19)} +0000`;
}
