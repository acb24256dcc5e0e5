import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";

/**
 * Small data sets in the true formats of their publishers, for tests: same folders, file names and layouts, fewer cases. Every
 * image has one colour, which tells its class and number.
 */
export type Made = {
  /** Folder for `REPRISE_DATA`. */
  root: string;
};

export async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

/** An image of one colour in the format that the path's ending names. */
export async function putImage(
  path: string,
  { width, height, colour }: { width: number; height: number; colour: readonly [number, number, number] },
): Promise<void> {
  const [r, g, b] = colour;
  const image = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  const format = path.endsWith(".png") ? image.png() : image.jpeg({ quality: 95 });
  await put(path, await format.toBuffer());
}

/** One record of CIFAR-10's binary version: a label, then 1024 red, 1024 green and 1024 blue bytes. */
function cifarRecord(label: number, pixel: (p: number) => readonly [number, number, number]): Uint8Array {
  const record = new Uint8Array(3073);
  record[0] = label;
  for (let p = 0; p < 1024; p++) for (let c = 0; c < 3; c++) record[1 + 1024 * c + p] = pixel(p)[c] ?? 0;
  return record;
}

/** CIFAR-10 with so many records in each of its six files; the label of record i is i mod 10. */
export async function makeCifar10({ root }: Made, records: number): Promise<void> {
  const files = [
    "data_batch_1",
    "data_batch_2",
    "data_batch_3",
    "data_batch_4",
    "data_batch_5",
    "test_batch",
  ];
  for (const [f, file] of files.entries()) {
    const bytes = Array.from({ length: records }, (_, i) =>
      cifarRecord(i % 10, (p) => [p % 256, (i * 20) % 256, f * 40]),
    );
    await put(join(root, "cifar10", "cifar-10-batches-bin", `${file}.bin`), Buffer.concat(bytes));
  }
}

/** SDNET2018: of every surface so many photographs, each cut into two intact and two cracked images. */
export async function makeSdnet2018({ root }: Made, photos: number): Promise<void> {
  for (const surface of ["D", "P", "W"]) {
    for (let photo = 0; photo < photos; photo++) {
      for (const [state, grey] of [
        ["U", 200],
        ["C", 60],
      ] as const) {
        for (const piece of [1, 2]) {
          const file = `${7001 + photo}-${state === "U" ? piece : piece + 10}.jpg`;
          const shade = grey + photo;
          const path = join(root, "SDNET2018", surface, `${state}${surface}`, file);
          await putImage(path, { width: 256, height: 256, colour: [shade, shade, shade] });
        }
      }
    }
  }
}

/** LC25000: so many images of each of the five tissues. */
export async function makeLc25000({ root }: Made, each: number): Promise<void> {
  const folders = [
    ["colon_image_sets/colon_n", "colonn"],
    ["colon_image_sets/colon_aca", "colonca"],
    ["lung_image_sets/lung_n", "lungn"],
    ["lung_image_sets/lung_aca", "lungaca"],
    ["lung_image_sets/lung_scc", "lungscc"],
  ] as const;
  for (const [f, [folder, stem]] of folders.entries())
    for (let i = 1; i <= each; i++) {
      const path = join(root, "lc25000", "lung_colon_image_set", folder, `${stem}${i}.jpeg`);
      await putImage(path, { width: 768, height: 768, colour: [f * 50, 100, 150] });
    }
}

const cbisColumns =
  "patient_id,breast_density,left or right breast,image view,abnormality id,abnormality type,mass shape,mass margins,assessment,pathology,subtlety,image file path,cropped image file path,ROI mask file path";

/** A row of a table of CBIS-DDSM; paths end with a line break inside quotes, as in the published tables. */
const cbisRow = (of: { patient: string; view: string; lesion: number; pathology: string; set: string }) => {
  const { patient, view, lesion, pathology, set } = of;
  const whole = `${set}_${patient}_LEFT_${view}/1.3.6.1/1.3.6.2/000000.dcm`;
  const crop = `${set}_${patient}_LEFT_${view}_${lesion}/1.3.6.1/1.3.6.3/000000.dcm`;
  return `${patient},3,LEFT,${view},${lesion},mass,OVAL,CIRCUMSCRIBED,4,${pathology},4,${whole},"${crop}\n","${crop}\n"`;
};

/** CBIS-DDSM with PNG images at the paths that its tables give. Two lesions of P_00001 are on one mammogram. */
export async function makeCbisDdsm({ root }: Made): Promise<void> {
  const tables = {
    mass_case_description_train_set: [
      { patient: "P_00001", view: "CC", lesion: 1, pathology: "BENIGN", set: "Mass-Training" },
      { patient: "P_00001", view: "CC", lesion: 2, pathology: "MALIGNANT", set: "Mass-Training" },
      {
        patient: "P_00002",
        view: "MLO",
        lesion: 1,
        pathology: "BENIGN_WITHOUT_CALLBACK",
        set: "Mass-Training",
      },
    ],
    mass_case_description_test_set: [
      { patient: "P_00003", view: "CC", lesion: 1, pathology: "MALIGNANT", set: "Mass-Test" },
    ],
    calc_case_description_train_set: [
      { patient: "P_00004", view: "CC", lesion: 1, pathology: "BENIGN", set: "Calc-Training" },
    ],
    calc_case_description_test_set: [
      { patient: "P_00001", view: "CC", lesion: 1, pathology: "BENIGN", set: "Calc-Test" },
    ],
  };
  for (const [table, rows] of Object.entries(tables)) {
    await put(join(root, "cbis-ddsm", `${table}.csv`), `${cbisColumns}\n${rows.map(cbisRow).join("\n")}\n`);
    for (const { patient, view, lesion, set } of rows) {
      const shade = lesion * 60;
      const colour = [shade, shade, shade] as const;
      const base = join(root, "cbis-ddsm", `${set}_${patient}_LEFT_${view}`);
      await putImage(`${base}/1.3.6.1/1.3.6.2/000000.png`, { width: 40, height: 60, colour });
      await putImage(`${base}_${lesion}/1.3.6.1/1.3.6.3/000000.png`, { width: 20, height: 20, colour });
    }
  }
}

/** PatchCamelyon with so many patches in each part; the label of patch i is i mod 2, its slide i mod 3. */
export async function makePatchCamelyon({ root }: Made, patches: number): Promise<void> {
  const { default: h5wasm } = await import("h5wasm/node");
  await h5wasm.ready;
  const folder = join(root, "patch-camelyon");
  await mkdir(folder, { recursive: true });
  for (const part of ["train", "valid", "test"]) {
    const stem = join(folder, `camelyonpatch_level_2_split_${part}`);
    const images = new Uint8Array(patches * 96 * 96 * 3);
    for (let i = 0; i < patches; i++) images.fill(i * 10 + 1, i * 27_648, (i + 1) * 27_648);
    const labels = Uint8Array.from({ length: patches }, (_, i) => i % 2);
    const x = new h5wasm.File(`${stem}_x.h5`, "w");
    x.create_dataset({
      name: "x",
      data: images,
      shape: [patches, 96, 96, 3],
      chunks: [1, 96, 96, 3],
      compression: 4,
    });
    x.close();
    const y = new h5wasm.File(`${stem}_y.h5`, "w");
    y.create_dataset({ name: "y", data: labels, shape: [patches, 1, 1, 1] });
    y.close();
    const rows = Array.from({ length: patches }, (_, i) => `${i},True,True,1,1,slide${i % 3}`);
    await put(
      `${stem}_meta.csv`,
      `,tumor_patch,center_tumor_patch,coord_y,coord_x,wsi\n${rows.join("\n")}\n`,
    );
  }
}
