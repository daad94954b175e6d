// Which bracelet: typed, or by the link of its code. By camera: camera.spec.ts.

import { accessible } from "../support/axe.ts";
import { JustifyPage } from "../support/pages/justify.ts";
import { ScanPage } from "../support/pages/scan.ts";
import { SignInPage } from "../support/pages/sign_in.ts";
import { expect, test } from "../support/test.ts";

test("the printed characters are taken in any form: lower case, other separators, look-alikes", async ({ people, portal }) => {
  const responder = await people.joined("responder");
  const { text } = portal.bracelet();
  const forms = [text, text.toLowerCase(), text.replaceAll("-", ""), text.replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l"), text.replaceAll("0", "O").replaceAll("1", "I")];
  const page = new ScanPage(responder.page);
  for (const form of forms) {
    await page.open();
    await page.typeInstead();
    await page.type(form);
    await expect(responder.page.getByText("Complete: the check characters fit.").first()).toBeVisible();
    await page.goOn.click();
    await expect(new JustifyPage(responder.page).ask).toBeVisible();
  }
});

test("wrong, missing, foreign and surplus characters are named", async ({ people, portal }) => {
  const responder = await people.joined("responder");
  const { text } = portal.bracelet();
  const page = new ScanPage(responder.page);
  await page.open();
    await page.typeInstead();
  await accessible(responder.page, "typing a bracelet");
  await page.goOn.click();
  await expect(responder.page.getByText("Type the characters printed under the code on the bracelet.")).toBeVisible();
  await page.type(text.slice(0, 9));
  await page.goOn.click();
  await expect(responder.page.getByText("20 of 28 characters are still missing.")).toBeVisible();
  await accessible(responder.page, "a bracelet with characters missing");
  const last = text.at(-1) ?? "";
  await page.reference.fill(text.slice(0, -1) + (last === "7" ? "8" : "7"));
  await expect(responder.page.getByText("One or more characters are wrong. Compare each group of four with the bracelet.")).toBeVisible();
  const [first, second] = [text[0] ?? "", text[1] ?? ""];
  if (first !== second) {
    await page.reference.fill(second + first + text.slice(2));
    await expect(responder.page.getByText("One or more characters are wrong.")).toBeVisible();
  }
  await page.reference.fill("01U3");
  await expect(responder.page.getByText("Character 3 is not one that bracelets use.")).toBeVisible();
  await page.reference.fill(`${text}7`);
  await expect(responder.page.getByText("That is more than the 28 characters of a bracelet.")).toBeVisible();
  await page.reference.fill(text);
  await page.goOn.click();
  await expect(new JustifyPage(responder.page).ask).toBeVisible();
});

test("the link of the code opens the form, with the reference out of address and history", async ({ people, portal }) => {
  const responder = await people.joined("responder");
  const { link, text } = portal.bracelet();
  const asked: string[] = [];
  responder.page.on("request", (request) => asked.push(request.url(), request.postData() ?? ""));
  await responder.page.goto(link);
  await expect(new JustifyPage(responder.page).ask).toBeVisible();
  expect(responder.page.url()).toBe(`${portal.origin}/justify`);
  const reference = text.replaceAll("-", "");
  const kept = await responder.page.evaluate(() => JSON.stringify([location.href, history.state, { ...localStorage }, { ...sessionStorage }]));
  expect(kept + asked.join(" "), "the reference leaves the page's memory nowhere").not.toContain(reference);
});

test("whoever is not signed in signs in first, and the bracelet is still known", async ({ people, portal }) => {
  const responder = await people.joined("responder");
  await responder.signOut();
  const { link } = portal.bracelet();
  await responder.page.goto(link);
  await new SignInPage(responder.page).signIn();
  const form = new JustifyPage(responder.page);
  await expect(form.ask).toBeVisible();
  await expect(responder.page.getByText("No bracelet has been read yet.")).toBeHidden();
});

test("a link that is no bracelet's is refused, with camera and typing as the ways on", async ({ people, portal }) => {
  const responder = await people.joined("responder");
  await responder.page.goto(`${portal.origin}/s#not-a-bracelet`);
  await expect(responder.page.getByText("That link is not a Halligan bracelet.")).toBeVisible();
  await accessible(responder.page, "a link that is no bracelet's");
});

test("whoever goes back from a bracelet's link comes to where they were", async ({ people, portal }) => {
  const responder = await people.joined("responder");
  await responder.page.goto("/passkeys");
  await responder.page.goto(portal.bracelet().link);
  await expect(new JustifyPage(responder.page).ask).toBeVisible();
  await responder.page.goBack();
  await expect(responder.page.getByRole("heading", { name: "Add a passkey" })).toBeVisible();
});
