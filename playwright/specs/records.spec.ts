// The registrar: sealing in the browser, bracelets, new versions, and what is not taken.

import { accessible } from "../support/axe.ts";
import { count, cut, loseAnswers } from "../support/offline.ts";
import { openRecord } from "../support/path.ts";
import { DeskPage } from "../support/pages/desk.ts";
import { JustifyPage, USUAL } from "../support/pages/justify.ts";
import { RecordPage } from "../support/pages/record.ts";
import { RecordsPage } from "../support/pages/records.ts";
import { RequestPage } from "../support/pages/request.ts";
import { ScanPage } from "../support/pages/scan.ts";
import { drill, file, summary } from "../support/summary.ts";
import { expect, test } from "../support/test.ts";

test("a summary and its attachments are sealed, printed, opened, given a new version and a new bracelet", async ({ people, portal }) => {
  const registrar = await people.joined("registrar");
  const page = new RecordsPage(registrar.page);
  await page.open();
  await accessible(registrar.page, "records");
  await page.newRecord.click();
  await accessible(registrar.page, "a new record");

  await page.seal.click();
  await expect(registrar.page.getByText("Choose the patient summary.")).toBeVisible();
  await expect(registrar.page.getByText("Enter the file number.")).toBeVisible();
  await accessible(registrar.page, "a new record with nothing in it");

  const uploads: Buffer[] = [];
  registrar.page.on("request", (request) => uploads.push(request.postDataBuffer() ?? Buffer.alloc(0)));
  await page.summary.setInputFiles(file("testina.json", summary()));
  await expect(page.preview.getByRole("heading", { name: "Testina Drillmann" })).toBeVisible();
  await expect(page.preview).toContainText("1971-02-03");
  await expect(page.preview).toContainText("None: the author states that no allergies or intolerances are known.");
  await page.attachments.setInputFiles([drill("ecg.pdf"), drill("pacemaker-card.png")]);
  await page.titleOf("ecg.pdf").fill("Twelve-lead of May");
  await page.titleOf("pacemaker-card.png").fill("");
  await page.fileNumber.fill("F-100");
  await page.drill.check();
  await page.seal.click();
  await expect(registrar.page.getByText("Give every attachment a title")).toBeVisible();
  await page.titleOf("pacemaker-card.png").fill("Card");
  await accessible(registrar.page, "a record before it is sealed");
  await page.seal.click();

  await expect(registrar.page.getByRole("heading", { name: "Bracelet of file F-100" })).toBeVisible();
  await expect(page.codes).toHaveCount(2);
  const printed = await page.printed();
  expect(printed).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
  await accessible(registrar.page, "a bracelet");
  const sent = Buffer.concat(uploads).toString("latin1");
  for (const plain of ["Testina", "Drillmann", "Twelve-lead", "%PDF", printed, printed.replaceAll("-", "")]) {
    expect(sent, "what leaves the browser is sealed").not.toContain(plain);
  }
  await registrar.page.emulateMedia({ media: "print" });
  await expect(page.codes.first()).toBeVisible();
  await expect(page.done).toBeHidden();
  const [large, small] = await page.codes.evaluateAll((codes) => codes.map((code) => code.getBoundingClientRect().width));
  expect(large, "25 mm at 96 dots an inch").toBeCloseTo((25 / 25.4) * 96, 0);
  expect(small, "15 mm at 96 dots an inch").toBeCloseTo((15 / 25.4) * 96, 0);
  await registrar.page.emulateMedia({ media: "screen" });
  await page.done.click();
  await expect(registrar.page.getByText("It has not been printed from this page.")).toBeVisible();
  await page.doneAllTheSame.click();
  await expect(page.line("F-100").getByRole("cell").first()).toHaveText("1");

  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const first = portal.braceletOf(printed);
  const record = await openRecord(responder, dispatcher, USUAL, first);
  await expect(record.sheet.getByRole("heading", { name: "Testina Drillmann" })).toBeVisible();
  await record.show("Card").click();
  await expect(record.sheet.getByRole("img", { name: "Card" })).toBeVisible();
  await record.done.click();

  await page.line("F-100").getByRole("button", { name: "New version" }).click();
  await expect(registrar.page.getByRole("heading", { name: "Version 2 of file F-100" })).toBeVisible();
  await expect(registrar.page.getByText("The version before has 2 attachments. This one holds only what you choose here.")).toBeVisible();
  await page.summary.setInputFiles(file("testina.json", summary("Testina Zweite")));
  await page.seal.click();
  await expect(registrar.page.getByText("Compare name and birth date with the file, then tick this")).toBeVisible();
  await accessible(registrar.page, "a new version");
  await page.samePatient.check();
  await page.seal.click();
  await expect(registrar.page.getByText("Version 2 of file F-100 is sealed. Its bracelet stays as it is.")).toBeVisible();
  const second = await openRecord(responder, dispatcher, USUAL, first);
  await expect(second.sheet.getByRole("heading", { name: "Testina Zweite Drillmann" })).toBeVisible();
  await second.done.click();

  await page.line("F-100").getByRole("button", { name: "Replace bracelet" }).click();
  await accessible(registrar.page, "replacing a bracelet");
  await registrar.page.getByRole("button", { name: "Make new bracelet" }).click();
  await expect(page.codes).toHaveCount(2);
  const replaced = await page.printed();
  expect(replaced).not.toBe(printed);
  await page.done.click();
  await page.doneAllTheSame.click();

  responder.complaints.expectStatus(404, /\/requests\/prepare/);
  await responder.page.goto(first.link);
  const form = new JustifyPage(responder.page);
  await form.fill();
  await form.ask.click();
  await expect(responder.page.getByText("No record answers to this bracelet. It may have been replaced")).toBeVisible();
  await expect(form.incident).toHaveValue(USUAL.incident);
  await accessible(responder.page, "a replaced bracelet");
  await responder.page.getByRole("link", { name: "Scan another bracelet" }).click();
  const scan = new ScanPage(responder.page);
  await scan.typeInstead();
  await scan.type(replaced);
  await scan.goOn.click();
  await expect(form.incident, "what was typed stays").toHaveValue(USUAL.incident);
  await form.ask.click();
  await expect(new RequestPage(responder.page).title("Waiting for dispatch")).toBeVisible();
});

test("what is not a patient summary is refused in a sentence that names the fault", async ({ people }) => {
  const registrar = await people.joined("registrar");
  const page = new RecordsPage(registrar.page);
  await page.open();
  await page.newRecord.click();
  const deep = `{"resourceType":"Bundle","type":"document","entry":${"[".repeat(5_000)}${"]".repeat(5_000)}}`;
  const many = JSON.stringify({ ...summary(), entry: Array.from({ length: 60_000 }, () => ({})) });
  const latin1 = Buffer.concat([Buffer.from('{"resourceType":"Bundle","title":"'), Buffer.from([0xe9]), Buffer.from('"}')]);
  const cases: [string, string | Buffer | Record<string, unknown>, string][] = [
    ["search.json", { ...summary(), type: "searchset" }, "The Bundle is a searchset, not a document."],
    ["patient.json", { resourceType: "Patient" }, "The file is a FHIR Patient, not a Bundle."],
    ["summary.xml", "<?xml version='1.0'?><Bundle xmlns='http://hl7.org/fhir'/>", "The file is XML. Export the summary as FHIR JSON."],
    ["cut.json", JSON.stringify(summary()).slice(0, 400), "The file is not JSON: it breaks at line 1"],
    ["deep.json", deep, "levels deep, which no patient summary is"],
    ["many.json", many, "The file lists more than"],
    ["latin1.json", latin1, "The file is not UTF-8 text"],
    ["nobody.json", summary("Testina", { birthDate: undefined }), "The Patient has no birth date"],
    ["large.json", JSON.stringify({ ...summary(), note: "x".repeat(6 << 20) }), "and a summary may have"],
    ["huge.json", Buffer.alloc(11 << 20, 0x20), "It is too large: a summary has at most 5 MB, an attachment 10 MB."],
    ["empty.json", "", "The file is not JSON"],
  ];
  for (const [name, content, sentence] of cases) {
    await page.summary.setInputFiles(file(name, content));
    await expect(registrar.page.getByRole("alert").filter({ hasText: `${name}: ` }).filter({ hasText: sentence })).toBeVisible();
    await expect(page.preview).toHaveCount(0);
  }
  await accessible(registrar.page, "a refused summary");
  await page.attachments.setInputFiles([file("notes.pdf", "no PDF at all"), drill("ecg.pdf")]);
  await expect(registrar.page.getByText("notes.pdf: It is no PDF, PNG or JPEG, whatever its name says.")).toBeVisible();
  await expect(page.titleOf("ecg.pdf")).toHaveValue("ecg");
  await registrar.page.getByRole("button", { name: "Leave out" }).click();
  await expect(page.titleOf("ecg.pdf")).toHaveCount(0);
});

test("files can be dropped; a refused one does not push out the one before", async ({ people }) => {
  const registrar = await people.joined("registrar");
  const page = new RecordsPage(registrar.page);
  await page.open();
  await page.newRecord.click();
  const transfer = await registrar.page.evaluateHandle(
    ([text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text ?? ""], "dropped.json"));
      transfer.items.add(new File([new Uint8Array([0x25, 0x50, 0x44, 0x46, 0x2d, 0x31])], "dropped.pdf"));
      return transfer;
    },
    [JSON.stringify(summary())],
  );
  await page.summary.dispatchEvent("drop", { dataTransfer: transfer });
  await expect(page.preview).toContainText("Testina Drillmann");
  await expect(page.titleOf("dropped.pdf")).toHaveValue("dropped");
  await page.summary.setInputFiles(file("bad.json", "{"));
  await expect(registrar.page.getByText("bad.json: ")).toBeVisible();
  await expect(page.preview).toContainText("Testina Drillmann");
});

test("a lost connection costs nothing at any step of sealing, and seals nothing twice", async ({ people }) => {
  const registrar = await people.joined("registrar");
  const page = new RecordsPage(registrar.page);
  let mend = await cut(registrar, "/api/v1/records");
  await registrar.page.goto("/records");
  await expect(registrar.page.getByText("The portal cannot be reached.")).toBeVisible();
  await accessible(registrar.page, "records that cannot be listed");
  await mend();
  await registrar.page.getByRole("button", { name: "Try again" }).click();

  await page.newRecord.click();
  await page.summary.setInputFiles(file("testina.json", summary()));
  await page.attachments.setInputFiles([drill("pacemaker-card.png")]);
  await page.fileNumber.fill("F-200");
  for (const path of ["/api/v1/sealings", /\/sealings\/[^/]+\/documents\//]) {
    mend = await cut(registrar, path);
    await page.seal.click();
    await expect(registrar.page.getByText("The portal cannot be reached.")).toBeVisible();
    await expect(page.fileNumber).toHaveValue("F-200");
    await expect(page.preview).toContainText("Testina Drillmann");
    await mend();
  }
  // The commit arrives, and neither its answer nor the list that would tell.
  const mends = [await loseAnswers(registrar, /\/sealings\/[^/]+\/commit/), await cut(registrar, "/api/v1/records")];
  await page.seal.click();
  await expect(registrar.page.getByText("Press “Seal record” again: it is not sealed twice.")).toBeVisible();
  // The preview can be scrolled by keys; axe takes everything in a disabled fieldset for out of their reach.
  await accessible(registrar.page, "a sealing in doubt", ["scrollable-region-focusable"]);
  for (const mend of mends) await mend();
  const uploads = count(registrar.page, /\/documents\//);
  // The sealing is over, since it took place; the page finds the record in the list.
  registrar.complaints.expectStatus(404, /\/commit/);
  await page.seal.click();
  await expect(page.codes).toHaveCount(2);
  expect(uploads()).toBe(0);
  await page.done.click();
  await page.doneAllTheSame.click();
  await expect(page.line("F-200")).toHaveCount(1);

  mend = await loseAnswers(registrar, /\/bracelet$/);
  await page.line("F-200").getByRole("button", { name: "Replace bracelet" }).click();
  await registrar.page.getByRole("button", { name: "Make new bracelet" }).click();
  await expect(registrar.page.getByText("The portal cannot be reached.")).toBeVisible();
  await mend();
  await page.line("F-200").getByRole("button", { name: "Replace bracelet" }).click();
  await registrar.page.getByRole("button", { name: "Make new bracelet" }).click();
  await expect(page.codes).toHaveCount(2);
});

test("a hostile summary is shown as the data it is", async ({ people, portal }) => {
  const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script><a href='javascript:alert(3)'>Testina</a>";
  const given = `${hostile}`;
  const bracelet = await portal.enrol(summary(given, { photo: [{ url: "https://example.invalid/photo.png" }], contact: [{ name: { text: hostile } }] }));
  const [responder, dispatcher] = [await people.joined("responder"), await people.joined("dispatcher")];
  const foreign: string[] = [];
  responder.page.on("request", (request) => {
    if (!request.url().startsWith(portal.origin)) foreign.push(request.url());
  });
  responder.page.on("dialog", (dialog) => {
    foreign.push(dialog.message());
    void dialog.dismiss();
  });
  await openRecord(responder, dispatcher, USUAL, bracelet);
  const { sheet } = new RecordPage(responder.page);
  await expect(sheet).toContainText("Testina");
  await expect(sheet.locator("script, a, img, iframe")).toHaveCount(0);
  expect(foreign.filter((url) => !url.startsWith("blob:"))).toEqual([]);
  await expect(new DeskPage(dispatcher.page).live(responder.name)).toBeVisible();
});
