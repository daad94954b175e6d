// Pictures of a bracelet on an arm, frame by frame: tilted, in perspective, moving a little, unevenly lit, with noise. What is
// made is the video of a bad phone camera and not a code that fills the screen.

import qrcode from "qrcode-generator";

/** What the fake camera delivers: the size that the portal asks for first. */
export const WIDTH = 1280;
export const HEIGHT = 720;
const FRAMES = 10;
const FRAMES_A_SECOND = 10;
/** White border around a code, in modules (ISO/IEC 18004, 6.3.8). */
const QUIET = 4;
/** Side of the printed code with its border, height of the band, width of the forearm: millimetres. */
const CODE = 25;
const BAND = 29;
const ARM = 84;
/** Focal length in pixels: a phone's wide lens. */
const FOCAL = 1_050;
/** Samples of a pixel, each way. */
const SAMPLES = 2;

type Triple = [number, number, number];
type Plane = [Triple, Triple, Triple];

/** The video, as uncompressed YUV 4:2:0 (Y4M), which browsers take for a camera; without a payload the band is blank. */
export function scene(payload: string | undefined, framesASecond = FRAMES_A_SECOND): Buffer {
  const code = payload === undefined ? [] : modules(payload);
  const random = generator(20_261_124);
  const parts: Uint8Array[] = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${framesASecond}:1 Ip A1:1 C420mpeg2\n`)];
  for (let frame = 0; frame < FRAMES; frame += 1) {
    parts.push(Buffer.from("FRAME\n"), picture(code, frame / FRAMES, random));
  }
  return Buffer.concat(parts);
}

/** Which modules are dark. */
function modules(payload: string): boolean[][] {
  const code = qrcode(0, "M");
  code.addData(payload, "Byte");
  code.make();
  const size = code.getModuleCount();
  return Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => code.isDark(y, x)));
}

function picture(code: boolean[][], time: number, random: () => number): Buffer {
  const toPlane = pose(time);
  const luma = Buffer.alloc(WIDTH * HEIGHT);
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      // Brighter to one side, as under a street lamp, and grainy.
      const lamp = 0.62 + (0.42 * x) / WIDTH;
      luma[y * WIDTH + x] = clamp(seen(code, toPlane, x, y) * lamp + (random() + random() - 1) * 14);
    }
  }
  for (let y = 0; y < HEIGHT / 2; y += 1) {
    for (let x = 0; x < WIDTH / 2; x += 1) {
      const [u, v] = project(toPlane, 2 * x + 1, 2 * y + 1);
      const isSkin = Math.abs(v) < ARM / 2 && !isBand(u, v);
      chroma[y * (WIDTH / 2) + x] = isSkin ? 112 : 128;
      chroma[(WIDTH * HEIGHT) / 4 + y * (WIDTH / 2) + x] = isSkin ? 148 : 128;
    }
  }
  return Buffer.concat([luma, chroma]);
}

/** How bright a pixel is: the mean of several samples where there are edges. */
function seen(code: boolean[][], toPlane: Plane, x: number, y: number): number {
  const [u, v] = project(toPlane, x + 0.5, y + 0.5);
  if (!isBand(u, v)) return light(code, u, v);
  let sum = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const [u, v] = project(toPlane, x + ((i % SAMPLES) + 0.5) / SAMPLES, y + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES);
    sum += light(code, u, v);
  }
  return sum / (SAMPLES * SAMPLES);
}

/** How bright the place (u, v) of the arm is: millimetres from the middle of the code, along and across the band. */
function light(code: boolean[][], u: number, v: number): number {
  if (!isBand(u, v)) return Math.abs(v) < ARM / 2 ? skin(u, v) : cloth(u, v);
  const module = CODE / (code.length + 2 * QUIET);
  const column = Math.floor((u + CODE / 2) / module) - QUIET;
  const row = Math.floor((v + CODE / 2) / module) - QUIET;
  const dark = code[row]?.[column];
  if (dark !== undefined) return dark ? 34 : 224;
  // Printed lines beside the code, and the band's edge.
  const isPrint = u > 18 && u < 60 && Math.abs(v) < 11 && Math.abs((v + 40) % 6) < 2 && hash(Math.floor(u * 1.4), Math.floor((v + 40) / 6)) > 0.35;
  if (isPrint) return 60;
  return Math.abs(v) > BAND / 2 - 1 ? 176 : 222;
}

function isBand(u: number, v: number): boolean {
  return Math.abs(v) < BAND / 2 && Math.abs(u) < 72;
}

/** Round, so darker towards the edges, with pores. */
function skin(u: number, v: number): number {
  const round = Math.sqrt(Math.max(0, 1 - (2 * v) ** 2 / ARM ** 2));
  return 74 + 86 * round + 10 * Math.sin(u * 1.9 + Math.sin(v * 0.8)) + 14 * hash(Math.floor(u * 3), Math.floor(v * 3));
}

/** A chequered blanket: edges that are none of a code. */
function cloth(u: number, v: number): number {
  const isSquare = (Math.floor(u / 9) + Math.floor(v / 9)) % 2 === 0;
  return (isSquare ? 58 : 112) + 22 * hash(Math.floor(u), Math.floor(v));
}

/** From the picture to the plane of the band, at this moment of the loop. */
function pose(time: number): Plane {
  const swing = Math.sin(2 * Math.PI * time);
  const sway = Math.cos(2 * Math.PI * time);
  const roll = 0.3 + 0.05 * swing;
  const pitch = 0.38 + 0.05 * sway;
  const yaw = -0.3 + 0.06 * swing;
  const [cr, sr, cp, sp, cy, sy] = [Math.cos(roll), Math.sin(roll), Math.cos(pitch), Math.sin(pitch), Math.cos(yaw), Math.sin(yaw)];
  // Rotation = yaw * pitch * roll; its first two columns span the band.
  const along: Triple = [cy * cr + sy * sp * sr, cp * sr, -sy * cr + cy * sp * sr];
  const across: Triple = [-cy * sr + sy * sp * cr, cp * cr, sy * sr + cy * sp * cr];
  const place: Triple = [-6 + 5 * swing, 3 + 3 * sway, 105 + 6 * sway];
  const rows: Plane = [along, across, place];
  const image = ([x, y, z]: Triple): Triple => [FOCAL * x + (WIDTH / 2) * z, FOCAL * y + (HEIGHT / 2) * z, z];
  return inverse(rows.map(image) as Plane);
}

/** Inverse of the matrix with these columns, as rows. */
function inverse([a, b, c]: Plane): Plane {
  const cross = (p: Triple, q: Triple): Triple => [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
  const [bc, ca, ab] = [cross(b, c), cross(c, a), cross(a, b)];
  const determinant = a[0] * bc[0] + a[1] * bc[1] + a[2] * bc[2];
  return [bc, ca, ab].map((row) => row.map((value) => value / determinant)) as Plane;
}

function project([p, q, w]: Plane, x: number, y: number): [number, number] {
  const scale = 1 / (w[0] * x + w[1] * y + w[2]);
  return [(p[0] * x + p[1] * y + p[2]) * scale, (q[0] * x + q[1] * y + q[2]) * scale];
}

function clamp(value: number): number {
  return Math.max(16, Math.min(235, Math.round(value)));
}

/** The same number in [0, 1) for the same place. */
function hash(x: number, y: number): number {
  const mixed = Math.sin(x * 12.9898 + y * 78.233) * 43_758.5453;
  return mixed - Math.floor(mixed);
}

/** The same sequence of numbers in [0, 1) for every run (Park and Miller's generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
