-- Sends mails by SMTP: one after the other, each in a session of its own; after a server failed
-- once, its other mails wait for the next call. Every answer of the server is waited for
-- p_seconds_max at most.
reset role;
create or replace function plumb.py_send_mail(
    p_requests jsonb, p_seconds_max float, p_ca_file text
)
returns jsonb
language plpython3u
volatile
as $$
import email.message, email.utils, json, smtplib, socket, ssl

def send(r):
    mail = r["mail"]
    message = email.message.EmailMessage()
    message["From"], message["To"] = mail["from"], ", ".join(mail["to"])
    message["Subject"], message["Date"] = mail["subject"], email.utils.localtime()
    message["Message-ID"], message["References"] = mail["messageId"], mail["thread"]
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail["text"])
    context = ssl.create_default_context()
    if p_ca_file:
        context.load_verify_locations(p_ca_file)
    options = {"timeout": p_seconds_max, "local_hostname": socket.gethostname()}
    if r["tls"]:
        server = smtplib.SMTP_SSL(r["host"], r["port"], context=context, **options)
    else:
        server = smtplib.SMTP(r["host"], r["port"], **options)
    with server:
        if r["startTls"]:
            server.starttls(context=context)
        if r["secret"]:
            server.login(*r["secret"].split(":", 1))
        refused = server.send_message(message)
    return {"statusCode": 250, "body": str(refused or "")}

results, failed = [], set()
for request in json.loads(p_requests):
    if request["destination"] in failed:
        continue
    try:
        answer = send(request)
    except smtplib.SMTPRecipientsRefused as error:
        code, words = min(error.recipients.values())
        answer = {"statusCode": code, "body": words.decode(errors="replace")}
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        answer = {"statusCode": max(error.smtp_code, 400), "body": text}
    # A password that is not ASCII is a ValueError, and no reason to send nobody else anything.
    except (OSError, ValueError, smtplib.SMTPException) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    if answer.get("statusCode") != 250:
        failed.add(request["destination"])
    results.append({key: request[key] for key in ("deliveryId", "claimId")} | answer)
return json.dumps(results)
$$;
comment on function plumb.py_send_mail(jsonb, double precision, text) is
'Send mails (destination, host, port, tls, startTls, secret, mail); the answer to each attempted.';
revoke execute on function plumb.py_send_mail(jsonb, double precision, text) from public;
grant execute on function plumb.py_send_mail(jsonb, double precision, text) to plumb_owner;
